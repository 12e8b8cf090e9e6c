// Changes of a plan or of a sync that is over: action, object, place, why, and the fields where they are kept.
import type { SyncChange } from '../../../../../schemas/sync-history.ts';
import { placeOf } from '../../model/git/git-sync.ts';
import { text } from '../../text/text.ts';
import { ObjectName } from './object-name.tsx';

/** A status tells no fields, and no `unchanged` either; one type for both. */
export interface ShownChange extends Omit<SyncChange, 'action' | 'fields'> {
  readonly action: keyof typeof text.git.actions;
  readonly fields?: SyncChange['fields'];
}

export function ChangeTable({ changes }: { readonly changes: readonly ShownChange[] }) {
  const { columns, actions } = text.git;
  return (
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
        {changes.map((change) => (
          <tr key={`${change.object} ${change.action}`}>
            <td data-label={columns.action}>
              <span className="ss-plan-action" data-action={change.action}>
                {actions[change.action]}
              </span>
            </td>
            <th scope="row">
              <ObjectName object={change.object} />
            </th>
            <td data-label={columns.place}>{placeOf(change) === null ? null : <code>{placeOf(change)}</code>}</td>
            <td data-label={columns.reason}>
              {change.reason}
              {change.fields === undefined || change.fields.length === 0 ? null : (
                <ul className="ss-plain-list">
                  {change.fields.map(({ path, before, after }) => (
                    <li key={path}>
                      <code>
                        {path}: {before ?? text.source.absent} → {after ?? text.source.absent}
                      </code>
                    </li>
                  ))}
                  {change.fieldsLeftOut === undefined ? null : <li>{text.git.fieldsLeftOut(change.fieldsLeftOut)}</li>}
                </ul>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
