// What a sync is doing now: stage, how far it is, since when, and what it waits for.
import { useId } from 'react';
import type { GitSyncView } from '../../../../../schemas/api/api.ts';
import { shortRevision } from '../../model/git/git-sync.ts';
import { elapsedText } from '../../model/time.ts';
import { text } from '../../text/text.ts';
import { Section } from '../ui/page.tsx';
import { useNow } from '../ui/use-now.ts';
import { ObjectName } from './object-name.tsx';

export function Operation({ operation }: { readonly operation: NonNullable<NonNullable<GitSyncView['status']>['operation']> }) {
  const { phase, revision, startedAt, done, total, waitingFor = [] } = operation;
  const words = text.source.now;
  const label = useId();
  return (
    <Section
      title={words.title}
      note={
        <>
          {words.since} <Elapsed since={Date.parse(startedAt)} />
        </>
      }
    >
      <div className="ss-operation">
        <p id={label}>
          <strong role="status">{words.phases[phase]}</strong>
          {revision === undefined ? null : (
            <>
              {' '}
              <code title={revision}>{shortRevision(revision)}</code>
            </>
          )}
          {done === undefined || total === undefined ? null : <span className="ss-note"> {words.of(done, total)}</span>}
        </p>
        {/* Without a value it says that work is going on and not how far it is. */}
        <progress
          aria-labelledby={label}
          {...(done === undefined || total === undefined || total === 0 ? {} : { value: done, max: total })}
        />
        {waitingFor.length === 0 ? null : (
          <div>
            <span className="ss-note">{words.waitsFor}</span>
            <ul className="ss-plain-list">
              {waitingFor.map((object) => (
                <li key={object}>
                  <ObjectName object={object} />
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </Section>
  );
}

function Elapsed({ since }: { readonly since: number }) {
  return <>{elapsedText(Math.floor(Math.max(0, useNow(1000) - since) / 1000) * 1000)}</>;
}
