// Which path a kind has, from the API server's own discovery, one group version at a time.
import { isStatus } from '../kube-status-error.ts';
import type { KubeClient, Resource, ResourceMapper } from '../types.ts';

interface Discovered {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}
type Kinds = ReadonlyMap<string, Resource>;

/**
 * Answers are kept; a kind that is not among them is looked for again, so a CRD that was just installed is found. `fresh`
 * reads again in any case. Calls at the same time share one request.
 */
export function createResourceMapper(client: Pick<KubeClient, 'json'>): ResourceMapper {
  const known = new Map<string, Kinds>();
  const running = new Map<string, Promise<Kinds>>();
  const discover = (apiVersion: string): Promise<Kinds> => {
    const already = running.get(apiVersion);
    if (already !== undefined) return already;
    const request = readKinds(client, apiVersion)
      .then((kinds) => {
        known.set(apiVersion, kinds);
        return kinds;
      })
      .finally(() => running.delete(apiVersion));
    running.set(apiVersion, request);
    return request;
  };
  return {
    async resourceOf(apiVersion, kind, options = {}) {
      options.signal?.throwIfAborted();
      const kept = options.fresh === true ? undefined : known.get(apiVersion)?.get(kind);
      return kept ?? (await discover(apiVersion)).get(kind);
    },
  };
}

async function readKinds(client: Pick<KubeClient, 'json'>, apiVersion: string): Promise<Kinds> {
  // From a manifest, so not to be trusted as a path.
  const match = /^(?:([a-z0-9.-]+)\/)?([a-z0-9]+)$/.exec(apiVersion);
  const [, group = '', version] = match ?? [];
  if (version === undefined || group.includes('..')) return new Map();
  try {
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const { resources } = await client.json<Discovered>({ method: 'GET', path });
    const own = resources.filter(({ name }) => !name.includes('/'));
    return new Map(own.map(({ name, kind, namespaced }) => [kind, { group, version, plural: name, kind, namespaced }] as const));
  } catch (error) {
    if (isStatus(error, 404)) return new Map();
    throw error;
  }
}
