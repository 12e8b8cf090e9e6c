// A GitSync at first sight: what it does now, which revision is there, what is wrong, and where it comes from.
import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { GitSyncView } from '../../../../../schemas/api/api.ts';
import { refText, shortRevision } from '../../model/git/git-sync.ts';
import { text } from '../../text/text.ts';
import { Ago } from '../ui/ago.tsx';
import { Conditions } from '../ui/conditions.tsx';
import { Facts, Section } from '../ui/page.tsx';
import { Operation } from './operation.tsx';
import { Orphans } from './orphans.tsx';
import { Problems } from './problems.tsx';
import { Revision } from './source-parts.tsx';
import { UnitsTable } from './units-table.tsx';

/** For these False is the good news. */
const INVERSE = ['Drifted', 'Stalled', 'Fighting'];

export function SourceOverview({ sync }: { readonly sync: GitSyncView }) {
  const { spec, status } = sync;
  const conditions = status?.conditions ?? [];
  return (
    <div className="ss-columns">
      <div className="ss-column-main">
        {spec.suspend ? <p className="ss-warning">{text.git.suspendedText}</p> : null}
        {status?.operation === undefined ? null : <Operation operation={status.operation} />}
        <Section title={text.git.revision}>
          <Revision sync={sync} />
        </Section>
        <Problems problems={status?.problems ?? []} />
        {status?.units === undefined ? null : <UnitsTable units={status.units} />}
        {status?.orphans === undefined ? null : <Orphans orphans={status.orphans} />}
        {conditions.length === 0 ? null : (
          <Section title={text.git.conditions}>
            <Conditions conditions={conditions} inverse={INVERSE} />
          </Section>
        )}
      </div>
      <aside className="ss-column-side" aria-label={text.git.source}>
        <Section title={text.git.source}>
          <Facts rows={factsOf(sync)} />
        </Section>
        <Windows sync={sync} />
      </aside>
    </div>
  );
}

function factsOf({ spec, status, metadata }: GitSyncView): readonly (readonly [string, ReactNode])[] {
  const { git, source } = text;
  return [
    [
      git.repository,
      // A browser opens no ssh: address.
      spec.url.startsWith('http') ? (
        <Anchor key="url" className="ss-break" href={spec.url} target="_blank" rel="noreferrer">
          {spec.url}
        </Anchor>
      ) : (
        <span key="url" className="ss-break">
          {spec.url}
        </span>
      ),
    ],
    [git.follows, refText(spec.ref)],
    ...(spec.units === undefined ? ([[git.path, <code key="path">{spec.path}</code>]] as const) : []),
    [git.renderer, spec.renderer],
    [git.interval, spec.interval],
    [git.account, <code key="account">{spec.serviceAccountName}</code>],
    [git.prune, spec.prune.enabled ? git.on : git.off],
    [git.wait, spec.wait ? git.on : git.off],
    ...(spec.verify === undefined || spec.verify.mode === 'None'
      ? []
      : ([
          [
            source.verified,
            status?.verified === undefined
              ? source.notVerified
              : source.verifiedBy(status.verified.signer, shortRevision(status.verified.revision)),
          ],
        ] as const)),
    ...(spec.dependsOn.length === 0
      ? []
      : ([
          [
            source.dependsOn,
            <ul key="on" className="ss-plain-list">
              {spec.dependsOn.map(({ name, namespace = metadata.namespace ?? '' }) => (
                <li key={`${namespace}/${name}`}>
                  <Anchor renderRoot={(rest) => <Link to="/sources/$namespace/$name" params={{ namespace, name }} {...rest} />}>
                    {namespace === metadata.namespace ? name : `${namespace}/${name}`}
                  </Anchor>
                </li>
              ))}
            </ul>,
          ],
        ] as const)),
    [git.lastAttempt, status?.lastAttemptAt === undefined ? git.never : <Ago key="attempt" at={status.lastAttemptAt} />],
  ];
}

/** The next edge is the controller's to say: it stands in the message of the condition. */
function Windows({ sync: { spec } }: { readonly sync: GitSyncView }) {
  const { source } = text;
  if (spec.windows.length === 0) return null;
  return (
    <Section title={source.windows}>
      <ul className="ss-windows">
        {spec.windows.map((window) => (
          <li key={`${window.kind} ${window.schedule} ${window.duration} ${window.timeZone}`}>
            <strong>{source.windowKinds[window.kind]}</strong>{' '}
            {source.windowText(window.schedule, window.duration, window.timeZone)}
            {window.description === undefined ? null : <span className="ss-cell-sub">{window.description}</span>}
            {window.manual ? <span className="ss-cell-sub">{source.windowManual}</span> : null}
          </li>
        ))}
      </ul>
    </Section>
  );
}
