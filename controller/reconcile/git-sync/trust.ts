// Signatures of a revision: verified before anything of it is rendered, so that unsigned code is not even run in the sandbox.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync.ts';
import type { SyncName } from '../../apply/ownership.ts';
import type { Resolved } from '../../git/choose-ref.ts';
import { type CommitSha, describeRef, parseCommitSha } from '../../git/commit-sha.ts';
import type { Repository } from '../../git/source.ts';
import { newCommits } from '../../git/verify/history.ts';
import { type Keyring, keyringOf } from '../../git/verify/keyring.ts';
import { parseCommit, parseTag, type SignedTag } from '../../git/verify/signed-object.ts';
import type { JudgedAt, Verdict } from '../../git/verify/verdict.ts';
import { verifySignature } from '../../git/verify/verify.ts';
import type { Problem } from '../../validate/validate.ts';
import { failureFrom } from '../failures.ts';
import type { GitSyncPorts } from './ports.ts';
import type { GitSyncReport } from './report.ts';

/** What verifying needs of a sync. */
interface TrustRun {
  readonly ports: Pick<GitSyncPorts, 'client' | 'git' | 'now'>;
  readonly owner: SyncName;
  readonly spec: GitSyncSpec;
  readonly report: GitSyncReport;
  readonly signal: AbortSignal;
}

type Verify = NonNullable<GitSyncSpec['verify']>;
type Good = Extract<Verdict, { readonly good: true }>;

/**
 * @throws SignatureMissing, SignatureInvalid, SignerUnknown, SignerExpired, SignerRevoked naming the commit or the tag;
 *   SignatureKeysInvalid, SignatureRangeTooLarge
 */
export async function verifyRevision(run: TrustRun, repository: Repository, resolved: Resolved): Promise<void> {
  const { sha } = resolved;
  const { ports, owner, report, signal } = run;
  const { verify } = run.spec;
  if (verify === undefined || verify.mode === 'None') {
    report.progress.verified = 'off';
    return;
  }
  const keyring = await keysOf(ports.client, owner.namespace, verify.keysRef, signal);
  const now = ports.now();
  const before = report.status.verified;
  // What was found good stays so when a key runs out later, or a repair of drift would stop on that day. A revocation counts at once.
  const known = before?.revision === sha ? before : undefined;
  const at: JudgedAt = { nowMs: now.getTime(), validityMs: known === undefined ? now.getTime() : Date.parse(known.time) };
  const { signer, keyId } = await new Verification(run, repository, keyring, at).verify(verify, resolved);
  const time = known?.time ?? now.toISOString().replace(/\.\d+Z$/, 'Z');
  report.progress.verified = { revision: sha, signer: signer.slice(0, 1024), keyId, time };
}

class Verification {
  readonly #run: TrustRun;
  readonly #repository: Repository;
  readonly #keyring: Keyring;
  readonly #at: JudgedAt;

  constructor(run: TrustRun, repository: Repository, keyring: Keyring, at: JudgedAt) {
    this.#run = run;
    this.#repository = repository;
    this.#keyring = keyring;
    this.#at = at;
  }

  /** Whose word counts: the signer of the tag where one is followed, else of the tip. */
  async verify({ mode }: Verify, resolved: Resolved): Promise<Good> {
    const { sha, ref } = resolved;
    const ofTag = ref.tag === undefined ? undefined : await this.#tag(ref.tag, resolved);
    if (ofTag !== undefined && mode === 'Head') return ofTag;
    const base = mode === 'EveryCommit' ? this.#run.report.status.revision : sha;
    // The first sync has nothing to start from: a history that is older than the rule would never pass it.
    const ofTip = await this.#commits(sha, base === undefined ? sha : parseCommitSha(base));
    return ofTag ?? ofTip;
  }

  async #commits(tip: CommitSha, base: CommitSha): Promise<Good> {
    const { ports, signal } = this.#run;
    const commits = await newCommits(
      async (sha) => {
        signal.throwIfAborted();
        const bytes = await ports.git.object(this.#repository, sha);
        return bytes === undefined ? undefined : parseCommit(bytes);
      },
      tip,
      base,
    );
    const problems: Problem[] = [];
    let ofTip: Good | undefined;
    for (const { sha, commit } of commits) {
      signal.throwIfAborted();
      const verdict = await verifySignature(commit, this.#keyring, this.#at);
      if (!verdict.good) problems.push({ code: verdict.code, message: `commit ${sha}: ${verdict.reason}` });
      else if (sha === tip) ofTip = verdict;
    }
    const [first] = problems;
    if (first !== undefined) throw failureFrom(problems, first.code);
    if (ofTip === undefined) throw new StreamSpaceError('GitReadIncomplete', `the clone cannot give commit ${tip}`);
    return ofTip;
  }

  async #tag(name: string, resolved: Resolved): Promise<Good> {
    const { ports, signal } = this.#run;
    const { sha, objectId } = resolved;
    if (objectId === sha)
      throw new StreamSpaceError('SignatureMissing', `tag ${name} is a lightweight tag, which cannot be signed`);
    const bytes = await ports.git.tagObject(this.#repository, resolved, signal);
    if (bytes === undefined)
      throw new StreamSpaceError('GitReadIncomplete', `the clone cannot give ${describeRef(resolved.ref)}`);
    const tag = parseTag(bytes);
    refuseOtherTag(tag, name, sha);
    const verdict = await verifySignature(tag, this.#keyring, this.#at);
    if (!verdict.good) throw new StreamSpaceError(verdict.code, `tag ${name} (${objectId}): ${verdict.reason}`);
    return verdict;
  }
}

/** A signed tag says its own name: the signature of v1 is not one for v2. */
function refuseOtherTag({ name, target, targetType }: SignedTag, wanted: string, sha: CommitSha): void {
  if (name !== wanted) throw new StreamSpaceError('SignatureInvalid', `tag ${wanted} holds the object of another tag`);
  if (targetType !== 'commit') throw new StreamSpaceError('SignatureInvalid', `tag ${wanted} does not name a commit itself`);
  if (target !== sha) throw new StreamSpaceError('GitReadIncomplete', `tag ${wanted} moved while it was read`);
}

type KeysObject = KubeObjectJson & {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
};

/** Parsed keyrings by the version of what holds them: parsing takes milliseconds a key, and drift asks often. */
const parsed = new Map<string, Keyring>();
const MAX_PARSED = 32;

/** @throws SignatureKeysInvalid */
export async function keysOf(
  client: Pick<KubeClient, 'find'>,
  namespace: string,
  { kind, name }: Verify['keysRef'],
  signal: AbortSignal,
): Promise<Keyring> {
  const resource = kind === 'Secret' ? RESOURCES.secrets : RESOURCES.configMaps;
  const found = await client.find<KeysObject>(resource, namespace, name, { signal });
  if (found === undefined)
    throw new StreamSpaceError('SignatureKeysInvalid', `there is no ${kind} ${name} in namespace ${namespace}`);
  const version = `${found.metadata.uid} ${found.metadata.resourceVersion}`;
  const known = parsed.get(version);
  if (known !== undefined) return known;
  const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
  const encoded = Object.entries((kind === 'Secret' ? found.data : found.binaryData) ?? {});
  const plain = kind === 'Secret' ? [] : Object.entries(found.data ?? {});
  const keyring = await keyringOf(new Map([...plain, ...encoded.map(([key, value]) => [key, decode(value)] as const)]));
  parsed.set(version, keyring);
  const [oldest] = parsed.keys();
  if (parsed.size > MAX_PARSED && oldest !== undefined) parsed.delete(oldest);
  return keyring;
}
