// What lies in the namespaces of a GitSync and stands in nobody's Git. It is told, never deleted.
import type { OrphansStatus } from '../../../../../schemas/kinds/git-sync/orphans.ts';
import { text } from '../../text/text.ts';
import { Ago } from '../ui/ago.tsx';
import { Section } from '../ui/page.tsx';
import { ObjectName } from './object-name.tsx';

export function Orphans({ orphans: { count, sample, at, incomplete } }: { readonly orphans: OrphansStatus }) {
  const words = text.source.orphans;
  return (
    <Section
      title={words.title}
      note={
        <>
          {words.count(count)}, {words.counted} <Ago at={at} />
        </>
      }
    >
      {count === 0 && incomplete !== true ? <p className="ss-note">{words.none}</p> : null}
      {sample.length === 0 ? null : (
        <ul className="ss-plain-list">
          {sample.map((object) => (
            <li key={object}>
              <ObjectName object={object} />
            </li>
          ))}
        </ul>
      )}
      {count > sample.length && sample.length > 0 ? <p className="ss-note">{words.more(count - sample.length)}</p> : null}
      {incomplete === true ? <p className="ss-note">{words.incomplete}</p> : null}
    </Section>
  );
}
