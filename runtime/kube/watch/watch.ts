// One watch request as events; what the API server sends beside them (bookmarks, error frames) made plain.
import { statusError } from '../kube-status-error.ts';
import { acceptOf, withKind } from '../list.ts';
import { pathOf } from '../paths.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../types.ts';

export type WatchEvent<T> =
  | { readonly type: 'added' | 'changed' | 'deleted'; readonly object: T; readonly resourceVersion: string }
  | { readonly type: 'bookmark'; readonly resourceVersion: string };

export interface WatchOptions {
  readonly client: Pick<KubeClient, 'lines'>;
  readonly resource: Resource;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly metadataOnly?: boolean | undefined;
  /** Everything after this is reported. */
  readonly resourceVersion: string;
  /** The API server ends the watch after this; that is no error. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

interface Frame {
  readonly type: string;
  readonly object: KubeObjectJson & { readonly code?: number };
}

const TYPES = { ADDED: 'added', MODIFIED: 'changed', DELETED: 'deleted' } as const;

function isChange(type: string): type is keyof typeof TYPES {
  return type in TYPES;
}

/** Ends when the API server ends the watch. @throws KubeStatusError for an error frame, with the code in it */
export async function* watchOnce<T extends KubeObjectJson>(options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
  const lines = options.client.lines({
    method: 'GET',
    path: pathOf(options.resource, { namespace: options.namespace }),
    query: {
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: options.resourceVersion,
      timeoutSeconds: options.timeoutSeconds,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
    },
    accept: acceptOf(options.metadataOnly, 'PartialObjectMetadata'),
    signal: options.signal,
  });
  for await (const line of lines) {
    const frame = JSON.parse(line) as Frame;
    if (frame.type === 'ERROR') throw statusError(frame.object.code ?? 500, JSON.stringify(frame.object));
    const resourceVersion = frame.object.metadata.resourceVersion ?? '';
    if (isChange(frame.type)) {
      const object = withKind(options.resource, frame.object as unknown as T, options.metadataOnly);
      yield { type: TYPES[frame.type], object, resourceVersion };
    } else if (frame.type === 'BOOKMARK') yield { type: 'bookmark', resourceVersion };
  }
}
