// Every namespaced kind that can be listed and deleted, from the API server's aggregated discovery: two requests.
import * as z from 'zod';
import type { KubeClient, Resource } from '../../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';

const discovery = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string().default('') }),
      versions: z
        .array(
          z.object({
            version: z.string(),
            resources: z
              .array(
                z.object({
                  resource: z.string(),
                  responseKind: z.object({ kind: z.string() }).optional(),
                  scope: z.string(),
                  verbs: z.array(z.string()).default([]),
                }),
              )
              .default([]),
          }),
        )
        .default([]),
    }),
  ),
});

const LIST = 'as=APIGroupDiscoveryList';
const ACCEPT = ['v2', 'v2beta1'].map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};${LIST}`).join(',');

/** Each kind once, in the version that the API server prefers. @throws ClusterRequestFailed for an API server before 1.27 */
export async function listableKinds(client: Pick<KubeClient, 'json'>, signal: AbortSignal): Promise<readonly Resource[]> {
  const found = new Map<string, Resource>();
  for (const path of ['/api', '/apis']) {
    const parsed = discovery.safeParse(await client.json({ method: 'GET', path, accept: ACCEPT, signal }));
    if (!parsed.success) throw new StreamSpaceError('ClusterRequestFailed', `${path} has no aggregated discovery`);
    for (const { metadata, versions } of parsed.data.items)
      for (const { version, resources } of versions)
        for (const { resource: plural, responseKind, scope, verbs } of resources) {
          const key = `${metadata.name}/${plural}`;
          const usable = scope === 'Namespaced' && verbs.includes('list') && verbs.includes('delete');
          if (!usable || responseKind === undefined || found.has(key)) continue;
          found.set(key, { group: metadata.name, version, plural, kind: responseKind.kind, namespaced: true });
        }
  }
  return [...found.values()];
}
