// Where a recording lies that a command is given: a folder, `s3://bucket/prefix`, or its id in the local installation.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { statePaths } from '../local/state/state.ts';
import { StreamSpaceError } from '../schemas/errors.ts';
import { parseWrappingKey, unwrapDataKey } from '../stream-gateway/recording/format/data-key.ts';
import { MANIFEST_FILE, type Manifest } from '../stream-gateway/recording/format/manifest.ts';
import type { RecordingFiles } from '../stream-gateway/recording/format/verify.ts';
import type { RecordingSource } from '../stream-gateway/recording/playback/frame-at.ts';
import { FolderStorage } from '../stream-gateway/recording/storage/folder-storage.ts';
import type { ObjectStorage } from '../stream-gateway/recording/storage/object-storage.ts';
import type { CliContext } from './command.ts';

export interface RecordingPlace {
  readonly storage: ObjectStorage;
  readonly prefix: string;
}

const S3 = /^s3:\/\/([^/]+)\/(.+?)\/*$/;

/** @param where as it was typed @throws NotFound */
export async function findRecordingPlace(where: string, stateDir: string, { env, cwd }: CliContext): Promise<RecordingPlace> {
  const [, bucket, prefix] = S3.exec(where) ?? [];
  if (bucket !== undefined && prefix !== undefined) {
    // Only where it is needed: the client takes a while to load.
    const { S3Storage } = await import('../stream-gateway/recording/storage/s3-storage.ts');
    const endpoint = env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
    const region = env['AWS_REGION'] ?? 'us-east-1';
    return { prefix, storage: new S3Storage({ bucket, region, ...(endpoint === undefined ? {} : { endpoint }) }) };
  }
  const folder = (await isFolder(resolve(cwd, where))) ? resolve(cwd, where) : await folderOfId(where, localRecordings(stateDir));
  if (folder === undefined)
    throw new StreamSpaceError(
      'NotFound',
      `there is no recording ${where}: neither a folder nor an id of the local installation`,
    );
  return { storage: new FolderStorage(dirname(folder)), prefix: basename(folder) };
}

function localRecordings(stateDir: string): string {
  return join(stateDir, 'recordings');
}

/** @param files with public keys in PEM; none: that of the local installation @throws UsageInvalid */
export async function readPublicKeys(
  files: readonly string[],
  stateDir: string,
  { cwd }: CliContext,
): Promise<readonly KeyObject[]> {
  const paths =
    files.length > 0
      ? files.map((file) => resolve(cwd, file))
      : [`${join(statePaths(stateDir).secrets, 'recordings-signing-key.pem')}.pub`];
  return await Promise.all(
    paths.map(async (path) => {
      try {
        return createPublicKey(await readFile(path));
      } catch (error) {
        throw new StreamSpaceError('UsageInvalid', `${path} holds no public key in PEM; name one with --key`, { cause: error });
      }
    }),
  );
}

export function filesOfPlace({ storage, prefix }: RecordingPlace, { signal }: CliContext): RecordingFiles {
  return {
    names: async () => {
      const names: string[] = [];
      for await (const { key } of storage.list(prefix, { signal })) names.push(key.slice(prefix.length + 1));
      return names;
    },
    read: async (name) => {
      try {
        return await storage.get(`${prefix}/${name}`, { signal });
      } catch (error) {
        if (error instanceof StreamSpaceError && error.code === 'ObjectMissing') return undefined;
        throw error;
      }
    },
  };
}

/** @param keyFile of the policy's key, for an encrypted recording @throws RecordingKeyWrong */
export async function sourceOfPlace(
  { storage, prefix }: RecordingPlace,
  { id, segments, encryption }: Manifest,
  keyFile: string | undefined,
  { cwd, signal }: CliContext,
): Promise<RecordingSource> {
  if (encryption !== null && keyFile === undefined)
    throw new StreamSpaceError(
      'RecordingKeyWrong',
      `the recording is encrypted with key ${encryption.keyId}; name its file with --decryption-key`,
    );
  const key =
    encryption === null || keyFile === undefined
      ? {}
      : { key: unwrapDataKey(encryption, parseWrappingKey(await readFile(resolve(cwd, keyFile))), id) };
  return { segments, ...key, read: (file, range) => storage.get(`${prefix}/${file}`, { signal, range }) };
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function folderOfId(id: string, root: string): Promise<string | undefined> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const found = entries.find((entry) => entry.name === MANIFEST_FILE && basename(entry.parentPath) === id);
  return found?.parentPath;
}
