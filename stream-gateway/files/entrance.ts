// Who may touch the files of a session, and by which rules: asked anew for every request, so a right or a policy that changes is
// in force with the next one. A right to look on is none to files.

import type { Exec } from '../../runtime/kube/exec/exec.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { Decisions } from '../auth/decisions.ts';
import type { FileDirection } from '../dlp/files/file-verdict.ts';
import { runningSession } from '../sessions/desktop.ts';
import type { SessionPolicies } from '../sessions/policies.ts';
import type { Person } from '../store/people.ts';
import type { Allowance, StreamPolicy } from '../stream/stream-policy.ts';
import { type FileFacts, fileDenied } from './file-denied.ts';
import { Home } from './home.ts';
import { fileRulesOf } from './judge.ts';
import type { UploadOwner } from './uploads.ts';
import { watchRight } from './watch-right.ts';

export interface EntrancePorts {
  /** With the gateway's own rights. */
  readonly client: KubeClient;
  readonly decisions: Decisions;
  readonly policies: Pick<SessionPolicies, 'enter'>;
  readonly exec: Exec;
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
}

export interface Wish {
  readonly person: Person;
  readonly namespace: string;
  readonly name: string;
  readonly signal: AbortSignal;
}

/** For one request; dispose it with the request. */
export interface Entered extends Disposable {
  readonly owner: UploadOwner;
  readonly policy: StreamPolicy;
  readonly home: Home;
  /** Aborted with `Forbidden` when the right ends meanwhile. */
  readonly rightEnded: AbortSignal;
  /** Takes so many files of what is allowed a minute. @throws AuditedRefusal `FileRateReached` */
  take(facts: FileFacts, files?: number): void;
}

export type Enter = (wish: Wish) => Promise<Entered>;

const MINUTE_MS = 60_000;

/** Rejects with `Forbidden`, `NotFound`, `SessionNotRunning`, `SessionTerminated` or `PolicyUnavailable`. */
export function createEnter({ client, decisions, policies, exec, now }: EntrancePorts): Enter {
  return async ({ person, namespace, name, signal }) => {
    const ask = (): Promise<boolean> => decisions.ask(person, { verb: 'control', resource: 'sessions', namespace, name });
    const refusal = (): StreamSpaceError =>
      new StreamSpaceError('Forbidden', `${person.name} may not control session ${namespace}/${name}`);
    if (!(await ask())) throw refusal();
    const { session, status } = await runningSession(client, namespace, name, { signal });
    const lease = policies.enter(session, person.name);
    const right = watchRight(ask, refusal);
    const dispose = (): void => {
      right[Symbol.dispose]();
      lease[Symbol.dispose]();
    };
    try {
      fileRulesOf(lease.policy); // without rules nothing is done
      return {
        owner: { sessionUid: session.metadata.uid ?? '', person: person.name },
        policy: lease.policy,
        home: new Home({ exec, namespace, pod: status.pod ?? `${name}-0`, signal: AbortSignal.any([signal, right.signal]) }),
        rightEnded: right.signal,
        take: (facts, files = 1) => takeFiles(lease, facts, { files, nowMs: now() }),
        [Symbol.dispose]: dispose,
      };
    } catch (error) {
      dispose();
      throw error;
    }
  };
}

interface Taking {
  readonly files: number;
  readonly nowMs: number;
}

function takeFiles(
  { policy, allowance }: { readonly policy: StreamPolicy; readonly allowance: Allowance },
  facts: FileFacts,
  { files, nowMs }: Taking,
): void {
  const { perMinute } = fileRulesOf(policy);
  if (perMinute === undefined) return;
  const rate = allowance.files[facts.direction satisfies FileDirection];
  for (let taken = 0; taken < files; taken += 1) {
    if (rate.take(perMinute, nowMs)) continue;
    const message = `more than ${perMinute} files a minute`;
    throw fileDenied({ rule: 'perMinute', code: 'FileRateReached', message }, facts, policy, MINUTE_MS / Math.max(1, perMinute));
  }
}
