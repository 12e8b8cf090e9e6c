// The conditions of an object, as its controller tells them.
import type { Condition } from '../../../../../schemas/kinds/kind.ts';
import { remedyOf } from '../../api/problem.ts';
import type { Tone } from '../../model/sessions/phases.ts';
import { Ago } from './ago.tsx';
import { StateBadge } from './state-badge.tsx';

const TONES: Readonly<Record<Condition['status'], Tone>> = { True: 'good', False: 'bad', Unknown: 'busy' };

/** `inverse` names the conditions for which False is the good news, such as Drifted. */
export function Conditions(props: { readonly conditions: readonly Condition[]; readonly inverse?: readonly string[] }) {
  return (
    <ul className="ss-conditions">
      {props.conditions.map((condition) => {
        const remedy = condition.status === 'True' ? null : remedyOf(condition.reason);
        return (
          <li key={condition.type}>
            <div className="ss-condition-head">
              <strong>{condition.type}</strong>
              <StateBadge tone={toneOf(condition, props.inverse ?? [])} label={condition.reason} />
              <span className="ss-note">
                <Ago at={condition.lastTransitionTime} />
              </span>
            </div>
            <p>{condition.message}</p>
            {remedy === null ? null : <p className="ss-note">{remedy}</p>}
          </li>
        );
      })}
    </ul>
  );
}

function toneOf({ type, status }: Condition, inverse: readonly string[]): Tone {
  if (!inverse.includes(type)) return TONES[status];
  return status === 'False' ? 'good' : 'quiet';
}
