// What the page asks about change requests.
import type { ChangeCreate, ChangeView, Editable, EditableKind } from '../../../../../schemas/api/changes.ts';

export type { ChangeCreate, ChangeView, Editable, EditableKind };

export interface EditableName {
  readonly kind: EditableKind;
  /** Left out for what is of the whole cluster. */
  readonly namespace?: string | undefined;
  readonly name: string;
}

interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

export interface ChangeReviewWish {
  readonly verdict: 'approve' | 'reject';
  /** The one that was shown. */
  readonly commit: string;
  readonly reason: string;
}

export interface ChangesApi {
  change(change: ObjectName, signal: AbortSignal): Promise<ChangeView>;
  askForChange(namespace: string, change: ChangeCreate): Promise<ChangeView>;
  reviewChange(change: ObjectName, wish: ChangeReviewWish): Promise<ChangeView>;
  withdrawChange(change: ObjectName): Promise<ChangeView>;
  /** As it stands in Git. */
  editable(object: EditableName, signal: AbortSignal): Promise<Editable>;
}

interface Ports {
  get<T>(path: string, signal: AbortSignal): Promise<T>;
  answerTo<T>(path: string, body: unknown): Promise<T>;
}

export function changesApi({ get, answerTo }: Ports): ChangesApi {
  const pathOf = ({ namespace, name }: ObjectName): string =>
    `/api/v1/namespaces/${encodeURIComponent(namespace)}/changes/${encodeURIComponent(name)}`;
  return {
    change: (change, signal) => get(pathOf(change), signal),
    askForChange: (namespace, change) => answerTo(`/api/v1/namespaces/${encodeURIComponent(namespace)}/changes`, change),
    reviewChange: (change, { verdict, commit, reason }) =>
      answerTo(`${pathOf(change)}/${verdict}`, { commit, ...(reason === '' ? {} : { reason }) }),
    withdrawChange: (change) => answerTo(`${pathOf(change)}/withdraw`, {}),
    editable: ({ kind, namespace, name }, signal) =>
      get(
        `/api/v1/${[...(namespace === undefined ? [] : ['namespaces', namespace]), 'editable', kind, name].map(encodeURIComponent).join('/')}`,
        signal,
      ),
  };
}
