// The stages of a start with their times, so that waiting feels short and a slow stage is seen.
import { IconCheck, IconCircle, IconLoader2 } from '@tabler/icons-react';
import type { StageProgress } from '../../model/git/stages.ts';
import { elapsedText, exactTime } from '../../model/time.ts';
import { text } from '../../text/text.ts';

const ICONS = { done: IconCheck, active: IconLoader2, waiting: IconCircle } as const;

export function StageList({ stages, stopped }: { readonly stages: readonly StageProgress[]; readonly stopped?: boolean }) {
  return (
    <ol className="ss-stages">
      {stages.map(({ name, state, ms, at }) => {
        const shown = stopped === true && state === 'active' ? 'waiting' : state;
        const Icon = ICONS[shown];
        return (
          <li key={name} data-state={shown} {...(shown === 'active' ? { 'aria-current': 'step' as const } : {})}>
            <Icon size={16} stroke={2} aria-hidden="true" className={shown === 'active' ? 'ss-spin' : undefined} />
            <span>{text.sessions.stages[name]}</span>
            <span className="ss-stage-time" title={at === null ? undefined : exactTime(at)}>
              {ms === null || shown === 'waiting' ? '' : elapsedText(ms)}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
