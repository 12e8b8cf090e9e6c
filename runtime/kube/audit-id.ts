// The `Audit-ID` of our requests to the API server, which keeps it in its own audit log (k8s.io/apiserver, endpoints/filters/audit_init.go): it begins with
// the id of the request that somebody made to us, and ends with a proof that it is ours. Whoever reads both logs joins them by it; and
// what already has an event of ours is not told a second time.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

/** The id of the request of a person that is being answered. */
export const answeredRequest = new AsyncLocalStorage<string>();

export interface MarkedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

export class AuditIds {
  readonly #key: string;

  /** @param key shared by our processes and by nobody else */
  constructor(key: string) {
    this.#key = key;
  }

  /** `<request id>.<random>.<proof>`: another one each time, so that two requests are never taken for one. */
  make(request: MarkedRequest): string {
    const id = `${answeredRequest.getStore() ?? randomUUID()}.${randomUUID().slice(0, 8)}`;
    return `${id}.${this.#proof(id, request)}`;
  }

  /** Whether one of our processes made this id for such a request. */
  isOurs(auditId: string, request: MarkedRequest): boolean {
    const dot = auditId.lastIndexOf('.');
    if (dot < 0) return false;
    const given = Buffer.from(auditId.slice(dot + 1));
    const wanted = Buffer.from(this.#proof(auditId.slice(0, dot), request));
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  /** For this method and path alone: an id that somebody read in the log hides nothing else. */
  #proof(id: string, { method, path }: MarkedRequest): string {
    return createHmac('sha256', this.#key).update(`audit-id\n${id}\n${method}\n${path}`).digest('hex').slice(0, 32);
  }
}
