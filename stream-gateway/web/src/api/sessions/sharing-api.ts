// What the page asks about sharing and does with it, for people with an account and for guests.
import type { TicketView } from '../../../../../schemas/api/api.ts';
import type {
  ShareChange,
  ShareCreate,
  ShareCreated,
  SharedSession,
  ShareListView,
  VisitCreated,
  VisitView,
} from '../../../../../schemas/api/sharing.ts';

interface SessionName {
  readonly namespace: string;
  readonly name: string;
}

export interface SharingApi {
  shares(session: SessionName, signal: AbortSignal): Promise<ShareListView>;
  /** The answer has the link, this once. */
  createShare(session: SessionName, share: ShareCreate): Promise<ShareCreated>;
  changeShare(session: SessionName, share: string, change: ShareChange): Promise<void>;
  revokeShare(session: SessionName, share: string): Promise<void>;
  decideControl(session: SessionName, participant: string, control: 'Given' | 'Taken'): Promise<void>;
  kick(session: SessionName, participant: string): Promise<void>;
  decideVisit(session: SessionName, visit: string, state: 'Admitted' | 'Denied'): Promise<void>;
  requestControl(session: SessionName, asking: boolean): Promise<void>;
  sharedSessions(signal: AbortSignal): Promise<readonly SharedSession[]>;
  openLink(secret: string, name: string | null): Promise<VisitCreated>;
  visitState(pass: string, signal: AbortSignal): Promise<VisitView>;
  visitTicket(pass: string, signal: AbortSignal): Promise<TicketView>;
  requestControlAsVisitor(pass: string, asking: boolean): Promise<void>;
}

export interface SharingApiPorts {
  get<T>(path: string, signal: AbortSignal): Promise<T>;
  /** Undefined for an answer without a body. */
  change<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown, signal?: AbortSignal): Promise<T>;
}

export function sharingApi({ get, change }: SharingApiPorts): SharingApi {
  return {
    shares: (session, signal) => get(`${pathOf(session)}/shares`, signal),
    createShare: (session, share) => change('POST', `${pathOf(session)}/shares`, share),
    changeShare: async (session, share, wish) => {
      await change('PATCH', `${pathOf(session)}/shares/${encodeURIComponent(share)}`, wish);
    },
    revokeShare: (session, share) => change('DELETE', `${pathOf(session)}/shares/${encodeURIComponent(share)}`),
    decideControl: (session, id, control) =>
      change('PATCH', `${pathOf(session)}/participants/${encodeURIComponent(id)}`, { control }),
    kick: (session, id) => change('DELETE', `${pathOf(session)}/participants/${encodeURIComponent(id)}`),
    decideVisit: (session, id, state) => change('PATCH', `${pathOf(session)}/visits/${encodeURIComponent(id)}`, { state }),
    requestControl: (session, asking) => change('POST', `${pathOf(session)}/control-requests`, { asking }),
    sharedSessions: async (signal) =>
      (await get<{ readonly items: readonly SharedSession[] }>('/api/v1/shared-sessions', signal)).items,
    openLink: (secret, name) => change('POST', '/api/v1/share/visits', { secret, ...(name === null ? {} : { name }) }),
    visitState: (pass, signal) => change('POST', '/api/v1/share/visits/state', { pass }, signal),
    visitTicket: (pass, signal) => change('POST', '/api/v1/share/tickets', { pass }, signal),
    requestControlAsVisitor: (pass, asking) => change('POST', '/api/v1/share/control-requests', { pass, asking }),
  };
}

function pathOf({ namespace, name }: SessionName): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/sessions/${encodeURIComponent(name)}`;
}
