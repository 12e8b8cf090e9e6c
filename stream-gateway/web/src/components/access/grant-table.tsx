// The rights of one place: what one may, on what, by which binding and role, and where each of these stands in Git.
import { Button } from '@mantine/core';
import { useState } from 'react';
import { ASKED_RESOURCES, ASKED_VERBS } from '../../../../../schemas/access-vocabulary.ts';
import { useExplainAccess } from '../../api/access/team-queries.ts';
import type { AccessPathView, AccessQuestion } from '../../api/access/teams-api.ts';
import { exactTime } from '../../model/time.ts';
import { text } from '../../text/text.ts';
import { Origin } from '../teams/origin.tsx';

const words = text.access;

interface GrantTableProps {
  readonly user: string;
  readonly paths: readonly AccessPathView[];
}

export function GrantTable({ user, paths }: GrantTableProps) {
  const { columns } = words;
  return (
    <table className="ss-table ss-grant-table">
      <thead>
        <tr>
          <th scope="col">{columns.actions}</th>
          <th scope="col">{columns.on}</th>
          <th scope="col">{columns.because}</th>
          <th scope="col">{columns.role}</th>
          <th scope="col">{columns.until}</th>
          <th scope="col">{columns.origin}</th>
        </tr>
      </thead>
      <tbody>
        {paths.map((path) => (
          <Row
            key={`${path.source} ${path.inheritance.join()} ${path.subject} ${JSON.stringify(path.rule)}`}
            user={user}
            path={path}
          />
        ))}
      </tbody>
    </table>
  );
}

function Row({ user, path }: { readonly user: string; readonly path: AccessPathView }) {
  const { columns } = words;
  const named = (all: readonly string[]): string => all.map((each) => (each === '*' ? words.everything : each)).join(', ');
  return (
    <tr>
      <th scope="row">
        <span>
          {named(path.rule.verbs)}
          <Check user={user} path={path} />
        </span>
      </th>
      <td data-label={columns.on}>{named(path.rule.resources)}</td>
      <td data-label={columns.because}>
        <span>
          {path.source === 'Installation' ? words.installation : <code>{path.source}</code>}
          <span className="ss-cell-sub">{words.as(path.subject)}</span>
          {path.reason === null ? null : <span className="ss-cell-sub">{path.reason}</span>}
        </span>
      </td>
      <td data-label={columns.role}>{path.inheritance.join(' → ')}</td>
      <td data-label={columns.until}>{path.expiresAt === null ? words.noEnd : exactTime(Date.parse(path.expiresAt))}</td>
      <td data-label={columns.origin}>
        {path.origins.length === 0 ? (
          <Origin origin={null} />
        ) : (
          path.origins.map((origin) => <Origin key={origin.object} origin={origin} />)
        )}
      </td>
    </tr>
  );
}

/** Of the first action of the rule. A rule for everything has nothing to ask one question about. */
function questionOf(user: string, { rule, scope }: AccessPathView): AccessQuestion | undefined {
  const verb = rule.verbs.find((each) => ASKED_VERBS.some((asked) => asked === each));
  const resource = rule.resources.find((each) => ASKED_RESOURCES.some((asked) => asked === each));
  if (verb === undefined || resource === undefined) return undefined;
  const [kind, place = ''] = scope.split(' ');
  if (kind === 'platform') return { user, verb, resource };
  if (kind === 'namespace') return { user, verb, resource, namespace: place };
  const [namespace = '', session = ''] = place.split('/');
  return { user, verb, resource, namespace, session };
}

function Check({ user, path }: { readonly user: string; readonly path: AccessPathView }) {
  const [asked, setAsked] = useState(false);
  const question = questionOf(user, path);
  if (question === undefined) return null;
  if (asked) return <Answer question={question} />;
  return (
    <Button className="ss-grant-check" variant="subtle" size="compact-xs" onClick={() => setAsked(true)}>
      {words.check}
    </Button>
  );
}

function Answer({ question }: { readonly question: AccessQuestion }) {
  const { data, error } = useExplainAccess(question);
  const { verb, resource } = question;
  const said =
    error !== null
      ? words.checkFailed
      : data === undefined
        ? '…'
        : data.allowed
          ? words.allowed(verb, resource)
          : words.refused(verb, resource);
  return (
    <span className="ss-cell-sub" role="status">
      {said}
    </span>
  );
}
