// The last plan of a GitSync: counts, warnings, and the lines with file and line.
import { IconAlertTriangle } from '@tabler/icons-react';
import type { GitSyncStatus } from '../../../../../schemas/kinds/git-sync.ts';
import { objectParts, PLAN_ACTIONS, placeOf, shortRevision } from '../../model/git-sync.ts';
import { text } from '../../text/text.ts';

type Plan = NonNullable<GitSyncStatus['plan']>;

export function PlanView({ plan }: { readonly plan: Plan }) {
  const { columns, actions } = text.git;
  const all = PLAN_ACTIONS.reduce((sum, action) => sum + (action === 'unchanged' ? 0 : plan[action]), 0);
  return (
    <>
      <ul className="ss-plan-counts">
        {PLAN_ACTIONS.filter((action) => plan[action] > 0).map((action) => (
          <li key={action} data-action={action}>
            <strong>{plan[action]}</strong> {actions[action]}
          </li>
        ))}
      </ul>
      {plan.warnings.map((warning) => (
        <p key={warning} className="ss-warning">
          <IconAlertTriangle size={16} aria-hidden="true" /> {warning}
        </p>
      ))}
      {plan.changes.length === 0 ? (
        <p className="ss-note">{text.git.nothingToDo}</p>
      ) : (
        <table className="ss-table ss-table-dense">
          <thead>
            <tr>
              <th scope="col">{columns.action}</th>
              <th scope="col">{columns.object}</th>
              <th scope="col">{columns.place}</th>
              <th scope="col">{columns.reason}</th>
            </tr>
          </thead>
          <tbody>
            {plan.changes.map((change) => (
              <tr key={change.object}>
                <td data-label={columns.action}>
                  <span className="ss-plan-action" data-action={change.action}>
                    {actions[change.action]}
                  </span>
                </td>
                <th scope="row">
                  <ObjectName object={change.object} />
                </th>
                <td data-label={columns.place}>{placeOf(change) === null ? null : <code>{placeOf(change)}</code>}</td>
                <td data-label={columns.reason}>{change.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {all > plan.changes.length && plan.changes.length > 0 ? (
        <p className="ss-note">{text.git.planPartial(plan.changes.length, all)}</p>
      ) : null}
    </>
  );
}

export function PlanNote({ plan }: { readonly plan: Plan }) {
  return plan.revision === undefined ? null : (
    <>
      {text.git.planOf} <code>{shortRevision(plan.revision)}</code>
    </>
  );
}

export function ObjectName({ object }: { readonly object: string }) {
  const { kind, name, namespace } = objectParts(object);
  return (
    <span className="ss-object" title={object}>
      <span className="ss-object-kind">{kind}</span> {name}
      {namespace === '' ? null : <span className="ss-note"> {namespace}</span>}
    </span>
  );
}
