// Lists as the API server gives them to a person: with his rights, not with ours.

import pMap from 'p-map';
import { isStatus } from '../../runtime/kube/kube-status-error.ts';
import { withKind } from '../../runtime/kube/list.ts';
import { pathOf } from '../../runtime/kube/paths.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import type { Decisions, OurResource } from '../auth/decisions.ts';
import { impersonationOf } from '../auth/identity.ts';
import type { Person } from '../store/people.ts';

export interface Page<T> {
  readonly resourceVersion: string;
  /** The cursor of the next page. */
  readonly continue?: string;
  readonly items: readonly T[];
}

interface ListJson<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[] | null;
}

/** One page of one namespace. */
export async function listPage<T extends KubeObjectJson>(
  client: KubeClient,
  resource: Resource,
  wish: {
    readonly person: Person;
    readonly namespace: string;
    readonly limit?: number | undefined;
    readonly continue?: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<Page<T>> {
  const list = await client.as(impersonationOf(wish.person)).json<ListJson<T>>({
    method: 'GET',
    path: pathOf(resource, { namespace: wish.namespace }),
    query: { limit: wish.limit, continue: wish.continue },
    signal: wish.signal,
  });
  return {
    resourceVersion: list.metadata.resourceVersion,
    ...(list.metadata.continue ? { continue: list.metadata.continue } : {}),
    items: (list.items ?? []).map((item) => withKind(resource, item)),
  };
}

/** At the same time; more would only queue at the API server. */
const PARALLEL = 8;

/**
 * Everything the person may list, from every namespace: at once for whoever may list everywhere, else from those of the
 * given namespaces where he may. The resource version is the oldest, so that a watch from there misses nothing.
 */
export async function listEverywhere<T extends KubeObjectJson>(
  ports: { readonly client: KubeClient; readonly decisions: Decisions },
  resource: Resource,
  wish: {
    readonly plural: OurResource;
    readonly person: Person;
    readonly namespaces: ReadonlySet<string>;
    readonly signal: AbortSignal;
  },
): Promise<Page<T>> {
  const { person, plural, signal } = wish;
  const asPerson = ports.client.as(impersonationOf(person));
  if (await ports.decisions.allowed(person, { verb: 'list', resource: plural }))
    return await asPerson.list<T>(resource, { signal });
  const pages: Page<T>[] = [];
  const read = async (namespace: string): Promise<void> => {
    if (!(await ports.decisions.allowed(person, { verb: 'list', resource: plural, namespace }))) return;
    try {
      pages.push(await asPerson.list<T>(resource, { namespace, signal }));
    } catch (error) {
      // The right went away in this second: what he may not list is not in the list.
      if (!isStatus(error, 403)) throw error;
    }
  };
  await pMap(wish.namespaces, read, { concurrency: PARALLEL });
  return {
    resourceVersion:
      pages
        .map((page) => BigInt(page.resourceVersion))
        .reduce(least, undefined)
        ?.toString() ?? '0',
    items: pages.flatMap((page) => page.items).sort(byPlace),
  };
}

function least(left: bigint | undefined, right: bigint): bigint {
  return left === undefined || right < left ? right : left;
}

function byPlace(left: KubeObjectJson, right: KubeObjectJson): number {
  const placeOf = ({ metadata }: KubeObjectJson): string => `${metadata.namespace ?? ''}/${metadata.name}`;
  return placeOf(left) < placeOf(right) ? -1 : 1;
}
