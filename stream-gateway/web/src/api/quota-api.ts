// What quotas leave to me.
import type * as z from 'zod';
import type { quotaView } from '../../../../schemas/api/quota.ts';

export type QuotaLeft = z.infer<typeof quotaView>;

export interface QuotaApi {
  /** @param template `namespace/name` */
  quotaLeft(namespace: string, template: string, signal: AbortSignal): Promise<QuotaLeft>;
}

export function quotaApi(get: <T>(path: string, signal: AbortSignal) => Promise<T>): QuotaApi {
  return {
    quotaLeft: (namespace, template, signal) =>
      get(`/api/v1/quota?namespace=${encodeURIComponent(namespace)}&template=${encodeURIComponent(template)}`, signal),
  };
}
