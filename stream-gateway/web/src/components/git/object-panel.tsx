// One object beside the list: how it is, how it differs from Git now, and where it comes from. Values of Secrets never come here.
import '@mantine/core/styles/Drawer.css';
import { Drawer } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { GitSyncView } from '../../../../../schemas/api/api.ts';
import type { TreeNode } from '../../../../../schemas/api/syncs.ts';
import type { ObjectDiff, ObjectExplanation } from '../../api/git/git-sync-api.ts';
import { useObjectDiff, useObjectSource } from '../../api/git/git-sync-queries.ts';
import { useChanges } from '../../api/queries.ts';
import { approversOf, changeBehind } from '../../model/git/changes.ts';
import { placeOf, shortRevision } from '../../model/git/git-sync.ts';
import { text } from '../../text/text.ts';
import { Ago } from '../ui/ago.tsx';
import { Facts, Section } from '../ui/page.tsx';
import { QueryState } from '../ui/query-state.tsx';
import { HealthBadge } from './object-tree.tsx';

const words = text.source.object;

export function ObjectPanel(props: {
  readonly sync: GitSyncView;
  readonly node: TreeNode | undefined;
  readonly onClose: () => void;
}) {
  const { node, sync } = props;
  return (
    <Drawer
      opened={node !== undefined}
      onClose={props.onClose}
      position="right"
      size="lg"
      title={node === undefined ? '' : `${node.kind} ${node.name}`}
      closeButtonProps={{ 'aria-label': text.close }}
    >
      {node === undefined ? null : (
        <div className="ss-panel" key={node.object}>
          <p>
            <HealthBadge health={node.health} /> {node.namespace === '' ? text.source.clusterWide : node.namespace}
          </p>
          {node.message === '' ? null : <p>{node.message}</p>}
          <Section title={words.diff}>
            <Diff sync={sync} node={node} />
          </Section>
          <Section title={words.source}>
            <Source sync={sync} node={node} />
          </Section>
        </div>
      )}
    </Drawer>
  );
}

function Diff({ sync, node }: { readonly sync: GitSyncView; readonly node: TreeNode }) {
  return (
    <QueryState
      query={useObjectDiff(sync, node)}
      failed={words.diffFailed}
      forbidden={{ why: words.diffForbidden, who: words.whoGrants }}
      rows={2}
      height={48}
    >
      {(diff) => <Differences diff={diff} />}
    </QueryState>
  );
}

/** As the gateway cuts it. */
const MAX_DIFFERENCES = 200;

function Differences({ diff: { state, differences, wanted } }: { readonly diff: ObjectDiff }) {
  return (
    <>
      <p role="status">{words.states[state]}</p>
      {differences.length === 0 ? null : (
        <ul className="ss-diff">
          {differences.map((difference) => (
            <li key={difference.path}>
              <code className="ss-place">{difference.path}</code>
              <dl>
                <Side name="wanted" value={difference.wanted} />
                <Side name="live" value={difference.live} />
              </dl>
            </li>
          ))}
        </ul>
      )}
      {differences.length < MAX_DIFFERENCES ? null : <p className="ss-note">{words.partial}</p>}
      {wanted === null || wanted === undefined ? null : (
        <details>
          <summary>{words.manifest}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard */}
          <pre className="ss-manifest" tabIndex={0}>
            {JSON.stringify(wanted, null, 2)}
          </pre>
        </details>
      )}
    </>
  );
}

function Side({ name, value }: { readonly name: 'wanted' | 'live'; readonly value: unknown }) {
  return (
    <div data-side={name}>
      <dt>{words[name]}</dt>
      <dd>{value === undefined ? <em>{text.source.absent}</em> : <code>{JSON.stringify(value, null, 2)}</code>}</dd>
    </div>
  );
}

function Source({ sync, node }: { readonly sync: GitSyncView; readonly node: TreeNode }) {
  return (
    <QueryState
      query={useObjectSource(sync, node)}
      failed={words.sourceFailed}
      forbidden={{ why: text.source.objects.forbidden, who: text.whoGrants.platform }}
      rows={3}
      height={24}
    >
      {(source) => (
        <>
          <Facts rows={factsOf(source)} />
          {source.commit === null ? null : <Behind revision={source.commit.revision} />}
        </>
      )}
    </QueryState>
  );
}

/** The change request that brought a commit, as far as one may read it. */
function Behind({ revision }: { readonly revision: string }) {
  const changes = useChanges();
  const change = changes.state === 'ready' ? changeBehind(changes.list.items, revision) : undefined;
  if (change === undefined) return null;
  const { metadata, spec, status } = change;
  const approvers = approversOf(change);
  return (
    <p className="ss-note">
      <Link to="/changes/$namespace/$name" params={{ namespace: metadata.namespace ?? '', name: metadata.name }}>
        {words.change(spec.requestedBy.displayName ?? spec.requestedBy.name)}
      </Link>
      {approvers.length === 0 ? null : `, ${words.approved(approvers.join(', '))}`}
      {status?.url === undefined ? null : (
        <>
          {', '}
          <a href={status.url} target="_blank" rel="noreferrer">
            {text.changes.detail.pullRequest} {status.number === undefined ? '' : `#${status.number}`}
          </a>
        </>
      )}
    </p>
  );
}

function factsOf(source: ObjectExplanation): Parameters<typeof Facts>[0]['rows'] {
  const place = placeOf({ file: source.file ?? undefined, line: source.line ?? undefined });
  const { commit, revision, unit } = source;
  const others = (source.managers ?? []).map(({ manager }) => manager);
  return [
    ...(place === null ? [] : ([[words.file, <code key="place">{place}</code>]] as const)),
    ...(commit === null
      ? []
      : ([
          [
            words.commit,
            <span key="commit">
              <code title={commit.revision}>{shortRevision(commit.revision)}</code> {commit.message}{' '}
              <span className="ss-note">
                {text.git.by(commit.author)}
                {commit.time === null ? null : (
                  <>
                    , <Ago at={commit.time} />
                  </>
                )}
              </span>
            </span>,
          ],
        ] as const)),
    ...(unit === null ? [] : ([[words.unit, unit]] as const)),
    ...(revision === null
      ? []
      : ([
          [
            words.revision,
            <span key="revision">
              <code title={revision}>{shortRevision(revision)}</code>, <Ago at={source.changedAt} />
            </span>,
          ],
        ] as const)),
    ...(others.length === 0 ? [] : ([[words.managers, [...new Set(others)].join(', ')]] as const)),
  ];
}
