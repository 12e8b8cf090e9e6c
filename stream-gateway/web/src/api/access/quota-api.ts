// What quotas leave to me.
import type * as z from 'zod';
import type { QuotaRow, quotaView } from '../../../../../schemas/api/quota.ts';

export type { QuotaRow };
export type QuotaLeft = z.infer<typeof quotaView>;

export interface QuotaApi {
  /** @param template `namespace/name` */
  quotaLeft(namespace: string, template: string, signal: AbortSignal): Promise<QuotaLeft>;
  /** Those that one may read. */
  quotas(signal: AbortSignal): Promise<readonly QuotaRow[]>;
}

export function quotaApi(get: <T>(path: string, signal: AbortSignal) => Promise<T>): QuotaApi {
  return {
    quotas: async (signal) => (await get<{ readonly items: readonly QuotaRow[] }>('/api/v1/quotas', signal)).items,
    quotaLeft: (namespace, template, signal) =>
      get(`/api/v1/quota?namespace=${encodeURIComponent(namespace)}&template=${encodeURIComponent(template)}`, signal),
  };
}
