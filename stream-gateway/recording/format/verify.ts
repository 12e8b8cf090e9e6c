// Says exactly what of a recording is not as it was written. Needs the files and the public key, nothing of us.
import type { KeyObject } from 'node:crypto';
import { createHash } from 'node:crypto';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { chainStart, nextChain } from './chain.ts';
import { isSignedBy, MANIFEST_FILE, type Manifest, readManifest, type SegmentEntry } from './manifest.ts';

export type Problem =
  /** The manifest is signed by none of the keys. */
  | 'notSigned'
  /** The manifest was written while the recording went on: more may have come. */
  | 'unfinished'
  | 'missing'
  | 'changed'
  /** It has fewer bytes than it had. */
  | 'cut'
  /** In its place is another segment of the same recording. */
  | 'reordered'
  /** It is beside the manifest, which does not know it. */
  | 'unknown'
  /** The hashes of the manifest do not follow from each other. */
  | 'chainBroken';

export interface Finding {
  readonly problem: Problem;
  /** Of which file. */
  readonly file: string;
  readonly words: string;
}

/** Files of one recording, by name. */
export interface RecordingFiles {
  names(): Promise<readonly string[]>;
  /** Undefined: there is none. */
  read(name: string): Promise<Buffer | undefined>;
}

export interface Verification {
  readonly manifest: Manifest;
  /** None: everything is as it was written. */
  readonly findings: readonly Finding[];
}

/** @throws RecordingMalformed when there is no manifest that could be read */
export async function verifyRecording(files: RecordingFiles, publicKeys: readonly KeyObject[]): Promise<Verification> {
  const bytes = await files.read(MANIFEST_FILE);
  if (bytes === undefined) throw new StreamSpaceError('RecordingMalformed', `there is no ${MANIFEST_FILE}`);
  const signed = readManifest(bytes);
  const { manifest } = signed;
  const findings: Finding[] = [];
  if (!isSignedBy(signed, publicKeys))
    findings.push(
      finding(
        'notSigned',
        MANIFEST_FILE,
        `the signature by key ${signed.signature.keyId} is not good, or the key is not trusted`,
      ),
    );
  if (manifest.state === 'Recording' || manifest.state === 'Paused')
    findings.push(finding('unfinished', MANIFEST_FILE, 'the manifest was written while the recording went on'));
  findings.push(...chainFindings(manifest));
  const byHash = new Map(manifest.segments.map((segment) => [segment.sha256, segment]));
  for (const segment of manifest.segments) {
    const found = judge(segment, await files.read(segment.file), byHash);
    if (found !== undefined) findings.push(found);
  }
  const known = new Set([MANIFEST_FILE, ...manifest.segments.map(({ file }) => file)]);
  for (const name of await files.names())
    if (!known.has(name)) findings.push(finding('unknown', name, 'the manifest does not know it'));
  return { manifest, findings };
}

function judge(segment: SegmentEntry, bytes: Buffer | undefined, byHash: ReadonlyMap<string, SegmentEntry>): Finding | undefined {
  const { file } = segment;
  if (bytes === undefined) return finding('missing', file, `segment ${segment.number} is missing`);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 === segment.sha256) return undefined;
  const other = byHash.get(sha256);
  if (other !== undefined) return finding('reordered', file, `segment ${other.number} is in the place of ${segment.number}`);
  if (bytes.length < segment.bytes)
    return finding('cut', file, `segment ${segment.number} has ${bytes.length} of its ${segment.bytes} bytes`);
  return finding('changed', file, `segment ${segment.number} is not as it was written`);
}

function chainFindings({ id, segments }: Manifest): readonly Finding[] {
  const findings: Finding[] = [];
  let chain = chainStart(id);
  for (const [index, { number, file, sha256, chain: stated }] of segments.entries()) {
    chain = nextChain(chain, Buffer.from(sha256, 'hex'));
    if (number !== index + 1 || chain.toString('hex') !== stated)
      findings.push(finding('chainBroken', file, `the chain is broken at segment ${number}`));
    chain = Buffer.from(stated, 'hex');
  }
  return findings;
}

function finding(problem: Problem, file: string, words: string): Finding {
  return { problem, file, words };
}
