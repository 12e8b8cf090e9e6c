// Tokens of ServiceAccounts (TokenRequest, authentication.k8s.io/v1): bound, short-lived, and made for us alone. Whose one is, and
// whether it is good, the API server says (TokenReview); which machine that is, the Teams say.
import { decodeJwt } from 'jose';
import type { KubeClient } from '../../runtime/kube/types.ts';
import { TOKEN_AUDIENCE } from '../../schemas/names.ts';
import { ExpiringCache } from '../auth/expiring-cache.ts';
import { sha256 } from '../auth/secrets.ts';
import type { Person } from '../store/people.ts';
import type { Machines } from './machines.ts';

export interface MachineTokenPorts {
  /** With the gateway's own rights. */
  readonly client: Pick<KubeClient, 'json'>;
  readonly machines: Pick<Machines, 'ofAccount'>;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly clock: () => Date;
}

export type MachineToken =
  | { readonly person: Person; readonly credential: string; readonly expiresAt: Date }
  | { readonly refused: 'invalid' | 'unknown' };

/** How long an answer counts: a token of a deleted account opens nothing new after these. */
const REVIEW_TTL_MS = 4_000;

interface Review {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly audiences?: readonly string[];
    readonly user?: { readonly username?: string; readonly uid?: string };
  };
}

type Reviewed = { readonly namespace: string; readonly account: string; readonly uid: string } | undefined;

export class MachineTokens {
  readonly #ports: MachineTokenPorts;
  readonly #reviews: ExpiringCache<Reviewed>;

  constructor(ports: MachineTokenPorts) {
    this.#ports = ports;
    this.#reviews = new ExpiringCache({ ttlMs: REVIEW_TTL_MS, maxEntries: 1_000, now: ports.now });
  }

  /** @throws StreamSpaceError `ClusterUnreachable` */
  async read(token: string): Promise<MachineToken> {
    const { machines, clock } = this.#ports;
    const reviewed = await this.#reviews.get(sha256(token).toString('base64'), () => this.#review(token));
    const expiresAt = reviewed === undefined ? undefined : endOf(token);
    if (reviewed === undefined || expiresAt === undefined || expiresAt <= clock()) return { refused: 'invalid' };
    const person = machines.ofAccount(reviewed.namespace, reviewed.account);
    if (person === undefined) return { refused: 'unknown' };
    return { person, credential: machineCredential(reviewed.uid, expiresAt, person.name), expiresAt };
  }

  async #review(token: string): Promise<Reviewed> {
    const { status } = await this.#ports.client.json<Review>({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/tokenreviews',
      body: JSON.stringify({
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token, audiences: [TOKEN_AUDIENCE] },
      }),
    });
    // An API server that knows no audiences answers without them, and then they were not looked at.
    if (status?.authenticated !== true || status.audiences?.includes(TOKEN_AUDIENCE) !== true) return undefined;
    const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(status.user?.username ?? '') ?? [];
    const uid = status.user?.uid;
    return namespace === undefined || account === undefined || uid === undefined ? undefined : { namespace, account, uid };
  }
}

/** Three parts of base64url (RFC 7515, 7.1); a key of ours has no dots. */
export function looksLikeToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

/** Only of one that was found to be good. */
function endOf(token: string): Date | undefined {
  const { exp } = decodeJwt(token);
  return exp === undefined ? undefined : new Date(exp * 1_000);
}

/** See store/credentials.ts. */
function machineCredential(uid: string, expiresAt: Date, user: string): string {
  return `service-account:${uid}:${Math.floor(expiresAt.getTime() / 1_000)}:${user}`;
}

export interface MachineCredential {
  readonly uid: string;
  readonly expiresAtMs: number;
  readonly user: string;
}

/** `undefined` for a credential of another kind. */
export function parseMachineCredential(credential: string): MachineCredential | undefined {
  const [, uid, seconds, user] = /^service-account:([^:]+):(\d+):(.+)$/.exec(credential) ?? [];
  if (uid === undefined || seconds === undefined || user === undefined) return undefined;
  return { uid, expiresAtMs: Number(seconds) * 1_000, user };
}
