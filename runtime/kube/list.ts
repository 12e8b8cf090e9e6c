// A whole list, page by page. A cursor that expired (410) starts over; the third try asks for all at once, which
// cannot expire.
import { isStatus } from './kube-status-error.ts';
import { apiVersionOf, pathOf } from './paths.ts';
import type { KubeClient, KubeObjectJson, ListOptions, Resource } from './types.ts';

const PAGE = 500;
/** Metadata is small: a few megabytes. */
const METADATA_PAGE = 2_000;
const PAGED_TRIES = 2;

interface ListBody<T> {
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items: readonly T[] | null;
}

export function acceptOf(metadataOnly: boolean | undefined, what: 'PartialObjectMetadata' | 'PartialObjectMetadataList'): string {
  return metadataOnly === true ? `application/json;as=${what};g=meta.k8s.io;v=v1` : 'application/json';
}

/** Lists leave out what all items share, and metadata comes as another kind: what an object is stands on it again. */
export function withKind<T>(resource: Resource, object: T, metadataOnly?: boolean): T {
  const whole = { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind };
  return metadataOnly === true ? { ...whole, metadata: withoutManagers(object as KubeObjectJson) } : whole;
}

/** They are more than all the rest of the metadata: of a list of 10,000 they took 20 MB, for nobody. */
function withoutManagers({ metadata }: KubeObjectJson): KubeObjectJson['metadata'] {
  const { managedFields: _managedFields, ...rest } = metadata;
  return rest;
}

export async function listAll<T>(
  client: Pick<KubeClient, 'json'>,
  resource: Resource,
  options: ListOptions,
): Promise<{ readonly resourceVersion: string; readonly items: readonly T[] }> {
  const page = options.metadataOnly === true ? METADATA_PAGE : PAGE;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await listPages<T>(client, resource, options, attempt < PAGED_TRIES ? page : undefined);
    } catch (error) {
      if (!isStatus(error, 410) || attempt >= PAGED_TRIES) throw error;
    }
  }
}

async function listPages<T>(
  client: Pick<KubeClient, 'json'>,
  resource: Resource,
  options: ListOptions,
  limit: number | undefined,
): Promise<{ readonly resourceVersion: string; readonly items: readonly T[] }> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page: ListBody<T> = await client.json<ListBody<T>>({
      method: 'GET',
      path: pathOf(resource, { namespace: options.namespace }),
      query: {
        limit,
        continue: cursor,
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
      },
      accept: acceptOf(options.metadataOnly, 'PartialObjectMetadataList'),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    for (const item of page.items ?? []) items.push(withKind(resource, item, options.metadataOnly));
    cursor = page.metadata.continue || undefined;
    if (cursor === undefined) return { resourceVersion: page.metadata.resourceVersion ?? '', items };
  }
}
