// What the routes of one kind need: its feed, who sees what of it, and the way to the API server.

import type { KubeClient, KubeObjectJson } from '../../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { Decisions, OurResource } from '../../auth/decisions.ts';
import type { Person } from '../../store/people.ts';
import type { AccessIn } from '../live/access.ts';
import type { Feed } from '../live/feed.ts';
import type { WatchHub } from '../live/hub.ts';

export interface ListPorts<T extends KubeObjectJson> {
  readonly client: KubeClient;
  readonly decisions: Decisions;
  readonly hub: WatchHub;
  readonly feed: Feed<T>;
  readonly accessIn: AccessIn<T>;
  /** Namespaces where the person may have something, beside those that hold objects already. */
  readonly namespacesOf: (person: Person) => readonly string[];
}

/** Where to look for a list of everything: what lies elsewhere is empty. */
export function namespacesToLookIn<T extends KubeObjectJson>(ports: ListPorts<T>, person: Person): ReadonlySet<string> {
  return new Set([...ports.feed.namespaces(), ...ports.namespacesOf(person)]);
}

/** As the person sees them, one look at the rights a namespace. */
export async function presentAll<T extends KubeObjectJson>(
  ports: ListPorts<T>,
  person: Person,
  items: readonly T[],
): Promise<readonly unknown[]> {
  const views: unknown[] = [];
  for (const item of items) {
    const access = await ports.accessIn(person, item.metadata.namespace ?? '');
    const view = access.present(item);
    if (view !== undefined) views.push(view);
  }
  return views;
}

/** @throws StreamSpaceError `Forbidden` */
export async function requireWatch(
  decisions: Decisions,
  person: Person,
  resource: OurResource,
  namespace: string,
): Promise<void> {
  if (await decisions.allowedIn(person, 'watch', resource, namespace)) return;
  throw new StreamSpaceError('Forbidden', `${person.name} may not watch ${resource} in the namespace ${namespace}`);
}
