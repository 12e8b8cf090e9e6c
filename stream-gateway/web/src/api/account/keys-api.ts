// What the page asks about API keys: one's own, and those of machines of a team.
import type * as z from 'zod';
import type { ApiKeyCreate, ApiKeyRotated, ApiKeyView, apiKeyCreated } from '../../../../../schemas/api/api-keys.ts';
import type { MachineList } from '../../../../../schemas/api/machines.ts';

export type ApiKeyCreated = z.infer<typeof apiKeyCreated>;

/** Whose keys; undefined: one's own. */
export interface MachineName {
  readonly team: string;
  readonly machine: string;
}

export interface RotateWish {
  readonly id: string;
  readonly graceHours: number;
}

export interface KeysApi {
  apiKeys(signal?: AbortSignal): Promise<readonly ApiKeyView[]>;
  createApiKey(key: ApiKeyCreate, owner?: MachineName): Promise<ApiKeyCreated>;
  rotateApiKey(wish: RotateWish, owner?: MachineName): Promise<ApiKeyRotated>;
  revokeApiKey(id: string, owner?: MachineName): Promise<void>;
  machines(team: string, signal?: AbortSignal): Promise<MachineList>;
}

export interface KeysApiPorts {
  readonly get: <T>(path: string, signal?: AbortSignal) => Promise<T>;
  readonly change: (path: string, options: { readonly method: 'POST' | 'DELETE'; readonly body?: unknown }) => Promise<Response>;
}

export function keysApi({ get, change }: KeysApiPorts): KeysApi {
  const made = async <T>(path: string, body: unknown): Promise<T> =>
    (await (await change(path, { method: 'POST', body })).json()) as T;
  return {
    apiKeys: async (signal) => (await get<{ readonly items: readonly ApiKeyView[] }>(pathOf(undefined), signal)).items,
    createApiKey: (key, owner) => made(pathOf(owner), key),
    rotateApiKey: ({ id, graceHours }, owner) => made(`${pathOf(owner)}/${encodeURIComponent(id)}/rotate`, { graceHours }),
    revokeApiKey: async (id, owner) => void (await change(`${pathOf(owner)}/${encodeURIComponent(id)}`, { method: 'DELETE' })),
    machines: (team, signal) => get(machinesPath(team), signal),
  };
}

function machinesPath(team: string): string {
  return `/api/v1/teams/${encodeURIComponent(team)}/machines`;
}

function pathOf(owner: MachineName | undefined): string {
  return owner === undefined
    ? '/api/v1/me/api-keys'
    : `${machinesPath(owner.team)}/${encodeURIComponent(owner.machine)}/api-keys`;
}
