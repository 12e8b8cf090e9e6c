// Where recordings are kept and what they are signed with: settings, read with all others.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SettingsReader } from '../../../runtime/config/settings.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { FolderStorage } from '../storage/folder-storage.ts';
import type { ObjectStorage } from '../storage/object-storage.ts';

export interface RecordingStorage {
  readonly objects: ObjectStorage;
  /** Ed25519. */
  readonly signingKey: KeyObject;
  /** What may wait on the disk of this replica. */
  readonly maxSpoolBytes: number;
}

export interface RecordingSettings {
  readonly folder: string;
  readonly bucket: string;
  /** Empty: that of AWS. */
  readonly endpoint: string;
  readonly region: string;
  /** A file with an Ed25519 key in PEM (PKCS #8). */
  readonly signingKey: string;
  readonly spoolMib: number;
}

export function readRecordingSettings(reader: SettingsReader): RecordingSettings {
  return {
    folder: reader.text('recordings-folder', { default: '' }),
    bucket: reader.text('recordings-s3-bucket', { default: '' }),
    endpoint: reader.text('recordings-s3-endpoint', { default: '' }),
    region: reader.text('recordings-s3-region', { default: 'us-east-1' }),
    signingKey: reader.text('recordings-signing-key', { default: '' }),
    // Half an hour of ten busy desktops while the storage is away.
    spoolMib: reader.integer('recordings-spool-mib', { min: 16, max: 1024 * 1024, default: 4_096 }),
  };
}

/** Undefined: nothing is recorded. @throws SettingInvalid */
export async function recordingStorage(settings: RecordingSettings): Promise<RecordingStorage | undefined> {
  const { folder, bucket } = settings;
  if (folder === '' && bucket === '') return undefined;
  if (folder !== '' && bucket !== '')
    throw new StreamSpaceError('SettingInvalid', 'give --recordings-folder or --recordings-s3-bucket, not both');
  const signingKey = readSigningKey(settings.signingKey);
  const objects = folder === '' ? await s3Storage(settings) : new FolderStorage(resolve(folder));
  return { objects, signingKey, maxSpoolBytes: settings.spoolMib * 1024 * 1024 };
}

async function s3Storage({ bucket, region, endpoint }: RecordingSettings): Promise<ObjectStorage> {
  // Only where it is used: the client takes a tenth of a second to load.
  const { S3Storage } = await import('../storage/s3-storage.ts');
  return new S3Storage({ bucket, region, ...(endpoint === '' ? {} : { endpoint }) });
}

function readSigningKey(path: string): KeyObject {
  if (path === '') throw new StreamSpaceError('SettingInvalid', '--recordings-signing-key is required where recordings are kept');
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(path));
  } catch (error) {
    throw new StreamSpaceError('SettingInvalid', `--recordings-signing-key: ${path} holds no private key in PEM`, {
      cause: error,
    });
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new StreamSpaceError(
      'SettingInvalid',
      `--recordings-signing-key: a key of type ${key.asymmetricKeyType}; Ed25519 is needed`,
    );
  return key;
}
