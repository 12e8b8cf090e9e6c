// What is wrong with a GitSync now: each with its place, what to do, and its code.
import { IconAlertTriangle } from '@tabler/icons-react';
import type { SyncProblem } from '../../../../../schemas/sync-history.ts';
import { remedyOf } from '../../api/problem.ts';
import { placeOf } from '../../model/git/git-sync.ts';
import { text } from '../../text/text.ts';
import { Section } from '../ui/page.tsx';
import { ObjectName } from './object-name.tsx';

export function Problems({ problems }: { readonly problems: readonly SyncProblem[] }) {
  if (problems.length === 0) return null;
  return (
    <Section title={text.git.problems} note={text.git.problemCount(problems.length)}>
      <ul className="ss-problems">
        {problems.map((problem) => {
          const place = placeOf(problem);
          const remedy = remedyOf(problem.code);
          return (
            <li key={`${problem.code} ${place} ${problem.object} ${problem.message}`}>
              <IconAlertTriangle size={18} aria-hidden="true" />
              <div>
                {place === null ? null : <code className="ss-place">{place}</code>}
                {problem.object === undefined ? null : <ObjectName object={problem.object} />}
                <p>{problem.message}</p>
                {remedy === null ? null : <p className="ss-note">{remedy}</p>}
                <p className="ss-error-facts">
                  {text.states.code} <code>{problem.code}</code>
                </p>
              </div>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
