// Where a resource lives on the API server. Every segment is encoded here and nowhere else.
import type { Resource } from './types.ts';

export interface ObjectPath {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** `/apis/apps/v1/namespaces/a/statefulsets/b/status`. @throws RangeError for a segment that would leave its place */
export function pathOf(resource: Resource, { namespace, name, subresource }: ObjectPath = {}): string {
  const segments = [
    ...(resource.group === '' ? ['api'] : ['apis', resource.group]),
    resource.version,
    ...(namespace !== undefined && resource.namespaced ? ['namespaces', namespace] : []),
    resource.plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  for (const segment of segments)
    if (segment === '' || segment === '.' || segment === '..')
      throw new RangeError(`"${segment}" is no segment of a path (${resource.plural})`);
  if (resource.namespaced && name !== undefined && namespace === undefined)
    throw new RangeError(`a namespace is missing for ${resource.plural}/${name}`);
  return `/${segments.map(encodeURIComponent).join('/')}`;
}

export function queryString(query: Readonly<Record<string, string | number | boolean | undefined>> = {}): string {
  const pairs: [string, string][] = [];
  for (const [key, value] of Object.entries(query)) if (value !== undefined) pairs.push([key, String(value)]);
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}
