// The units of a GitSync: which are as Git says, and why the others are not.
import type { GitSyncStatus } from '../../../../../schemas/kinds/git-sync/git-sync.ts';
import { placeOf, shortRevision } from '../../model/git/git-sync.ts';
import { text } from '../../text/text.ts';
import { Section } from '../ui/page.tsx';
import { StateBadge } from '../ui/state-badge.tsx';

type Units = NonNullable<GitSyncStatus['units']>;

export function UnitsTable({ units }: { readonly units: Units }) {
  const words = text.source.units;
  const ready = units.filter((unit) => unit.ready).length;
  // What needs somebody stands on top.
  const sorted = [...units.filter((unit) => !unit.ready), ...units.filter((unit) => unit.ready)];
  return (
    <Section title={words.title} note={words.count(ready, units.length)}>
      <table className="ss-table ss-table-dense">
        <thead>
          <tr>
            <th scope="col">{words.name}</th>
            <th scope="col">{words.state}</th>
            <th scope="col">{words.objects}</th>
            <th scope="col">{words.revision}</th>
            <th scope="col">{words.problem}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((unit) => (
            <tr key={unit.name}>
              <th scope="row">
                {unit.name} <code className="ss-note">{unit.path}</code>
              </th>
              <td data-label={words.state}>
                <StateBadge tone={unit.ready ? 'good' : 'bad'} label={unit.ready ? words.ready : words.notReady} />
              </td>
              <td data-label={words.objects}>{unit.objects}</td>
              <td data-label={words.revision}>
                {unit.revision === undefined ? null : <code title={unit.revision}>{shortRevision(unit.revision)}</code>}
              </td>
              <td data-label={words.problem}>{unit.problem === undefined ? null : <Problem problem={unit.problem} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function Problem({ problem }: { readonly problem: NonNullable<Units[number]['problem']> }) {
  const place = placeOf(problem);
  return (
    <>
      {place === null ? null : <code>{place}</code>} {problem.message} <code className="ss-note">{problem.code}</code>
    </>
  );
}
