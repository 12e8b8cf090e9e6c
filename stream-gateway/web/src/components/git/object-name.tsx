// `group/kind/namespace/name` for people.
import { objectParts } from '../../model/git/git-sync.ts';

export function ObjectName({ object }: { readonly object: string }) {
  const { kind, name, namespace } = objectParts(object);
  return (
    <span className="ss-object" title={object}>
      <span className="ss-object-kind">{kind}</span> {name}
      {namespace === '' ? null : <span className="ss-note"> {namespace}</span>}
    </span>
  );
}
