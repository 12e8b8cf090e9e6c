// What the page asks of the audit log.
import type * as z from 'zod';
import type { AuditEventView, auditList } from '../../../../../schemas/api/api.ts';
import type { AuditView } from '../../../../../schemas/api/audit.ts';

export type { AuditEventView, AuditView };
export type AuditPage = z.infer<typeof auditList>;

export interface AuditApi {
  auditEvents(search: string, cursor: string | null, signal: AbortSignal): Promise<AuditPage>;
  auditViews(signal: AbortSignal): Promise<readonly AuditView[]>;
  saveAuditView(name: string, query: string): Promise<void>;
  deleteAuditView(name: string): Promise<void>;
}

interface AuditApiPorts {
  get<T>(path: string, signal: AbortSignal): Promise<T>;
  change(method: 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
}

const PAGE = 50;

export function auditApi({ get, change }: AuditApiPorts): AuditApi {
  const viewPath = (name: string): string => `/api/v1/audit/views/${encodeURIComponent(name)}`;
  return {
    auditEvents: (search, cursor, signal) => {
      const query = new URLSearchParams({ limit: String(PAGE) });
      if (search !== '') query.set('q', search);
      if (cursor !== null) query.set('continue', cursor);
      return get(`/api/v1/audit?${query}`, signal);
    },
    auditViews: async (signal) => (await get<{ readonly items: readonly AuditView[] }>('/api/v1/audit/views', signal)).items,
    saveAuditView: async (name, query) => void (await change('PUT', viewPath(name), { query })),
    deleteAuditView: async (name) => void (await change('DELETE', viewPath(name))),
  };
}

/** Address of an export, for a link. */
export function auditExportPath(search: string, format: 'csv' | 'jsonl'): string {
  return `/api/v1/audit/export?${new URLSearchParams({ q: search, format })}`;
}
