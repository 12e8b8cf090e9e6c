// The parts of a change: its state, its diff, who has said what, and what became of it.
import { IconGitPullRequest } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ChangeView } from '../../api/git/changes-api.ts';
import { type DiffLine, diffLines, isOver, isUnwell, phaseOf, toneOfChange } from '../../model/git/changes.ts';
import { shortRevision } from '../../model/git/git-sync.ts';
import { exactTime } from '../../model/time.ts';
import { text } from '../../text/text.ts';
import { Section } from '../ui/page.tsx';
import { StateBadge } from '../ui/state-badge.tsx';

const words = text.changes;

export function ChangeBadge({ change }: { readonly change: ChangeView }) {
  const phase = phaseOf(change);
  if (isUnwell(change)) return <StateBadge tone="bad" label={words.unwell} />;
  // The moon of its tone is for desktops that sleep.
  const icon = phase === 'Open' ? { icon: IconGitPullRequest } : {};
  return <StateBadge tone={toneOfChange(phase)} label={words.phases[phase]} {...icon} />;
}

export function ChangedObjects({ change }: { readonly change: ChangeView }) {
  const { objects, objectCount } = change.status ?? {};
  if (objects === undefined || objects.length === 0) return null;
  return (
    <Section title={words.detail.objects}>
      <ObjectList objects={objects.slice(0, SHOWN)} />
      {objects.length > SHOWN ? (
        <details className="ss-more">
          <summary>{words.detail.others((objectCount ?? objects.length) - SHOWN)}</summary>
          <ObjectList objects={objects.slice(SHOWN)} />
          <NotListed count={objectCount} listed={objects.length} />
        </details>
      ) : null}
    </Section>
  );
}

/** As many as are seen at once beside what else there is to read. */
const SHOWN = 12;
type ListedObjects = NonNullable<NonNullable<ChangeView['status']>['objects']>;

function ObjectList({ objects }: { readonly objects: ListedObjects }) {
  return (
    <ul className="ss-plain-list">
      {objects.map(({ kind, namespace, name, action }) => (
        <li key={`${kind} ${namespace ?? ''} ${name}`} className="ss-break">
          <code>
            {kind} {namespace === undefined ? name : `${namespace}/${name}`}
          </code>{' '}
          {words.detail.actions[action]}
        </li>
      ))}
    </ul>
  );
}

/** What a status has no room for. */
export function NotListed({ count = 0, listed }: { readonly count: number | undefined; readonly listed: number }) {
  return count > listed ? <p className="ss-note">{words.detail.more(count - listed)}</p> : null;
}

export function ChangeDiff({ change }: { readonly change: ChangeView }) {
  const { diff, files = [], fileCount = files.length } = change.status ?? {};
  const { detail } = words;
  return (
    <Section title={detail.diff} note={diff === undefined ? undefined : detail.files(fileCount)}>
      {diff === undefined ? (
        <p className="ss-note">{isOver(change) ? detail.noCommit : detail.noDiff}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too
        <pre className="ss-commit-diff" tabIndex={0}>
          {diffLines(diff).map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a diff does not change its lines
            <Line key={index} line={line} />
          ))}
        </pre>
      )}
    </Section>
  );
}

function Line({ line }: { readonly line: DiffLine }) {
  return (
    <span className="ss-commit-line" data-kind={line.kind}>
      {line.text}
      {'\n'}
    </span>
  );
}

export function Approvals({ change }: { readonly change: ChangeView }) {
  const { detail } = words;
  const approvals = change.status?.approvals ?? [];
  return (
    <Section title={detail.approvals}>
      {approvals.length === 0 ? (
        <p className="ss-note">{detail.nobody}</p>
      ) : (
        <ul className="ss-plain-list">
          {approvals.map(({ by, verdict, at, reason, standing }) => (
            <li key={`${by} ${at}`}>
              <strong>{by}</strong> {detail.said[verdict]} · {exactTime(Date.parse(at))} · {detail.standing[standing]}
              {reason === undefined ? null : <p className="ss-break">{reason}</p>}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function ChangeResult({ change }: { readonly change: ChangeView }) {
  const { detail } = words;
  const { mergeCommit, into = '', result, rollback } = change.status ?? {};
  return (
    <Section title={detail.result}>
      {mergeCommit === undefined ? (
        <p className="ss-note">{detail.notMerged}</p>
      ) : (
        <p>
          {detail.merged(into, shortRevision(mergeCommit))}{' '}
          {result === undefined ? detail.waiting : detail.applied(shortRevision(result.revision), result.health)}
        </p>
      )}
      {rollback === undefined ? null : (
        <p>
          {detail.rollback}{' '}
          <Link to="/changes/$namespace/$name" params={{ namespace: change.metadata.namespace ?? '', name: rollback.name }}>
            {detail.seeRollback}
          </Link>
        </p>
      )}
    </Section>
  );
}
