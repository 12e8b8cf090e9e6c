// One object, watched with our own client: a benchmark must not pay for a process a look.
import type { OwnedKubeClient } from '../../runtime/kube/client.ts';
import { pathOf } from '../../runtime/kube/paths.ts';
import type { Resource } from '../../runtime/kube/types.ts';

/** Resolves with the first state of the object for which `holds`, and when that was seen (`performance.now()`). */
export async function seen<T>(
  client: OwnedKubeClient,
  { resource, namespace, name }: { readonly resource: Resource; readonly namespace: string; readonly name: string },
  holds: (object: T) => boolean,
  timeoutMs = 300_000,
): Promise<{ readonly object: T; readonly at: number }> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new Error(`${name} was not seen as wanted in ${timeoutMs} ms`)), timeoutMs);
  try {
    const lines = client.lines({
      method: 'GET',
      path: pathOf(resource, { namespace }),
      query: { watch: true, fieldSelector: `metadata.name=${name}` },
      signal: stop.signal,
    });
    for await (const line of lines) {
      const { object } = JSON.parse(line) as { readonly object: T };
      if (holds(object)) return { object, at: performance.now() };
    }
    throw new Error(`the watch of ${name} ended`);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}
