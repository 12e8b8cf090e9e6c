// What one person may see of one kind in one namespace, and how it looks to him.
import type { KubeObjectJson } from '../../../runtime/kube/types.ts';
import type { Person } from '../../store/people.ts';

export interface NamespaceAccess<T extends KubeObjectJson> {
  /** Differs when anything here differs: what was sent must then be looked at again. */
  readonly stamp: string;
  /** The object as this person sees it; `undefined` when he does not. */
  present(object: T): unknown;
}

/** Remembered for a few seconds at most (auth/decisions.ts); rejects when the API server does not answer. */
export type AccessIn<T extends KubeObjectJson> = (person: Person, namespace: string) => Promise<NamespaceAccess<T>>;

export const NO_ACCESS: NamespaceAccess<KubeObjectJson> = { stamp: '', present: () => undefined };
