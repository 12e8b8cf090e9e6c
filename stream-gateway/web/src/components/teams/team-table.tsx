// The frames of what a team has: a table whose rows are cards on a phone, and what says who may see it.
import type { ReactNode } from 'react';
import { text } from '../../text/text.ts';
import { Section } from '../ui/page.tsx';

export function Table({ head, children }: { readonly head: readonly string[]; readonly children: ReactNode }) {
  return (
    <div className="ss-table-scroll">
      <table className="ss-table ss-team-table">
        <thead>
          <tr>
            {head.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export function Closed(props: { readonly title: string; readonly why: string; readonly actions?: ReactNode }) {
  return (
    <Section title={props.title} actions={props.actions}>
      <p className="ss-note">
        {props.why} {text.whoGrants.team}
      </p>
    </Section>
  );
}
