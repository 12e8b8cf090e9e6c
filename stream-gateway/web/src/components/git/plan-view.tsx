// The last plan of a GitSync: counts, warnings, and the lines with file and line. Counts are filters where one can choose.
import { IconAlertTriangle } from '@tabler/icons-react';
import type { GitSyncStatus } from '../../../../../schemas/kinds/git-sync/git-sync.ts';
import { PLAN_CHANGES, type PlanChange, shortRevision } from '../../model/git/git-sync.ts';
import { text } from '../../text/text.ts';
import { Facet } from '../ui/facet.tsx';
import { ChangeTable } from './change-table.tsx';

type Plan = NonNullable<GitSyncStatus['plan']>;

export function PlanView(props: {
  readonly plan: Plan;
  readonly action: PlanChange | null;
  readonly onAction: (action: PlanChange | null) => void;
}) {
  const { plan, action } = props;
  const { actions } = text.git;
  const all = PLAN_CHANGES.reduce((sum, each) => sum + plan[each], 0);
  const shown = plan.changes.filter((change) => action === null || change.action === action);
  return (
    <>
      <div className="ss-facets">
        <Facet
          label={text.source.filterByAction}
          chosen={action}
          choices={PLAN_CHANGES.filter((each) => plan[each] > 0 || each === action).map((each) => ({
            value: each,
            label: actions[each],
            count: plan[each],
          }))}
          onChoose={props.onAction}
        />
      </div>
      <p className="ss-note">
        <strong>{plan.unchanged}</strong> {actions.unchanged.toLowerCase()}
      </p>
      {plan.warnings.map((warning) => (
        <p key={warning} className="ss-warning">
          <IconAlertTriangle size={16} aria-hidden="true" /> {warning}
        </p>
      ))}
      {shown.length > 0 ? <ChangeTable changes={shown} /> : <p className="ss-note">{emptyText(plan, action, all)}</p>}
      {all > plan.changes.length ? <p className="ss-note">{text.git.planPartial(plan.changes.length, all)}</p> : null}
    </>
  );
}

function emptyText(plan: Plan, action: PlanChange | null, all: number): string {
  if (all === 0) return text.git.nothingToDo;
  return action === null || plan[action] === 0 ? text.source.noChangeLikeThat : text.git.planPartial(plan.changes.length, all);
}

export function PlanNote({ plan }: { readonly plan: Plan }) {
  return plan.revision === undefined ? null : (
    <>
      {text.git.planOf} <code>{shortRevision(plan.revision)}</code>
    </>
  );
}
