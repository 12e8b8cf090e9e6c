// Which recording of a session goes on, if any: the one that this replica was cut off from, or one that another has closed in
// order. What cannot go on is ended, with the gap that it has.

import { createPublicKey, type KeyObject } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { newRecordingId } from '../../store/recordings/recording-id.ts';
import { createDataKey, unwrapDataKey } from '../format/data-key.ts';
import { isSignedBy, MANIFEST_FILE, type Manifest, readManifest } from '../format/manifest.ts';
import type { RecordedSession, RecordingAbout, RecordingIndex } from '../index-port.ts';
import { finishLost } from '../spool/recover.ts';
import { RecordingSpool } from '../spool/spool.ts';
import type { ObjectStorage } from '../storage/object-storage.ts';

export interface SpoolPorts {
  /** Of the spool of all recordings. */
  readonly root: string;
  readonly storage: ObjectStorage;
  readonly index: RecordingIndex;
  readonly signingKey: KeyObject;
  /** The key that a policy names. @throws RecordingKeyWrong */
  readonly wrappingKey: (about: RecordingAbout) => Promise<Buffer | undefined>;
  readonly now: () => number;
}

export interface ReadySpool {
  readonly spool: RecordingSpool;
  readonly key: Buffer | undefined;
  /** Why there is nothing between its last segment and now. */
  readonly resumedAfter: string;
  /** What could not go on, to be stored as it is. */
  readonly ended: readonly RecordingSpool[];
}

/** What an earlier process has left, by UID of the session where it could go on; the others are ended. */
export async function leftSpools(
  ports: SpoolPorts,
): Promise<{ readonly open: Map<string, RecordingSpool>; readonly ended: readonly RecordingSpool[] }> {
  await mkdir(ports.root, { recursive: true, mode: 0o700 });
  const open = new Map<string, RecordingSpool>();
  const ended: RecordingSpool[] = [];
  for (const name of await readdir(ports.root)) {
    const folder = join(ports.root, name);
    const spool = await RecordingSpool.open(folder);
    if (spool === undefined) await rm(folder, { recursive: true, force: true });
    else if ((spool.state === 'Recording' || spool.state === 'Paused') && !open.has(spool.facts.session.uid))
      open.set(spool.facts.session.uid, spool);
    else ended.push(spool);
  }
  return { open, ended };
}

/** @param left of an earlier process of this replica @throws StorageFull, StorageFailed, RecordingKeyWrong */
export async function spoolOfSession(
  ports: SpoolPorts,
  session: RecordedSession,
  about: RecordingAbout,
  left: RecordingSpool | undefined,
): Promise<ReadySpool> {
  const wrappingKey = await ports.wrappingKey(about);
  const ended: RecordingSpool[] = [];
  if (left !== undefined) {
    const key = keyOf(left, wrappingKey);
    if (key !== 'other') {
      await left.setState('Recording'); // it may have been paused, and its upload cut off
      return { spool: left, key, resumedAfter: 'RecordingStopped', ended };
    }
    ended.push(left);
    await finishLost(left, ports.now(), 'RecordingStopped');
  }
  const paused = await pausedElsewhere(ports, session.uid, left?.facts.id);
  if (paused !== undefined) {
    const { id, startedAt, encryption } = paused.manifest;
    const spool = await RecordingSpool.create(
      ports.root,
      { id, session, startedAt, encryption, prefix: paused.prefix, about },
      paused.manifest,
    );
    const key = keyOf(spool, wrappingKey);
    if (key !== 'other') return { spool, key, resumedAfter: 'ShuttingDown', ended };
    ended.push(spool);
    await finishLost(spool, ports.now(), 'ShuttingDown');
  }
  return { ...(await newSpool(ports, session, about, wrappingKey)), ended };
}

async function newSpool(
  ports: SpoolPorts,
  session: RecordedSession,
  about: RecordingAbout,
  wrappingKey: Buffer | undefined,
): Promise<Omit<ReadySpool, 'ended'>> {
  const startedAt = ports.now();
  const id = newRecordingId(new Date(startedAt));
  const data = wrappingKey === undefined ? undefined : createDataKey(wrappingKey, id);
  const prefix = `recordings/${session.namespace}/${session.name}/${id}`;
  const spool = await RecordingSpool.create(ports.root, {
    id,
    session,
    startedAt,
    encryption: data?.wrapped ?? null,
    prefix,
    about,
  });
  return { spool, key: data?.key, resumedAfter: 'RecordingStopped' };
}

/** `other`: it was encrypted with another key than the policy has now, or the policy has another mind about it. */
function keyOf({ facts }: RecordingSpool, wrappingKey: Buffer | undefined): Buffer | undefined | 'other' {
  if (facts.encryption === null) return wrappingKey === undefined ? undefined : 'other';
  if (wrappingKey === undefined) return 'other';
  try {
    return unwrapDataKey(facts.encryption, wrappingKey, facts.id);
  } catch (error) {
    if (error instanceof StreamSpaceError && error.code === 'RecordingKeyWrong') return 'other';
    throw error;
  }
}

/** The Lease of the session is ours: what another has not closed in order, it will not go on with. */
async function pausedElsewhere(
  ports: SpoolPorts,
  sessionUid: string,
  except: string | undefined,
): Promise<{ readonly manifest: Manifest; readonly prefix: string } | undefined> {
  const { index, now } = ports;
  // A database that is away is no reason not to record: the recording begins anew.
  const unfinished = await index.unfinished(sessionUid).catch(() => []);
  let found: { readonly manifest: Manifest; readonly prefix: string } | undefined;
  for (const { id, keyPrefix, durationMs } of unfinished) {
    if (id === except) continue;
    const manifest = await pausedManifest(ports, keyPrefix);
    if (manifest !== undefined && found === undefined) {
      found = { manifest, prefix: keyPrefix };
      continue;
    }
    await index.gap(id, { fromMs: durationMs, toMs: null, code: 'RecordingStopped' });
    await index.finish(id, { state: 'Incomplete', reason: 'RecordingStopped', endedAt: new Date(now()) });
  }
  return found;
}

async function pausedManifest({ storage, signingKey }: SpoolPorts, prefix: string): Promise<Manifest | undefined> {
  try {
    const signed = readManifest(await storage.get(`${prefix}/${MANIFEST_FILE}`, { signal: AbortSignal.timeout(10_000) }));
    return signed.manifest.state === 'Paused' && isSignedBy(signed, [createPublicKey(signingKey)]) ? signed.manifest : undefined;
  } catch (error) {
    if (error instanceof StreamSpaceError) return undefined;
    throw error;
  }
}
