// What people ask for on the page of a template: an edit of it, a copy for a team, or to be let in. Each opens a change request.
import { Button, Group, NativeSelect } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { TemplateView } from '../../../../../schemas/api/api.ts';
import { SYSTEM_NAMESPACE } from '../../../../../schemas/names.ts';
import { useTeam } from '../../api/access/team-queries.ts';
import { useOriginOf } from '../../api/git/change-queries.ts';
import { useMe } from '../../api/queries.ts';
import { type MyTeam, startableTeams } from '../../model/access/teams.ts';
import { membershipFor } from '../../model/git/membership.ts';
import { text } from '../../text/text.ts';
import { AskChange } from '../changes/ask-change.tsx';
import { ObjectEdits } from '../changes/object-edits.tsx';
import { UntilField } from '../changes/until-field.tsx';

const CopyTemplate = lazy(async () => ({ default: (await import('./copy-template.tsx')).CopyTemplate }));

const words = text.catalog.changes;

export function TemplateChanges({ template }: { readonly template: TemplateView }) {
  const me = useMe();
  const namespace = template.metadata.namespace ?? SYSTEM_NAMESPACE;
  const mayEdit = me.platformRole === 'platformAdmin' || startableTeams(me).some((team) => team.namespace === namespace);
  return (
    <Group gap="xs">
      <CopyForTeam template={template} />
      {mayEdit ? <EditTemplate namespace={namespace} name={template.metadata.name} /> : null}
    </Group>
  );
}

/** Nothing where it does not stand in Git. */
function EditTemplate({ namespace, name }: { readonly namespace: string; readonly name: string }) {
  const object = { kind: 'Template', namespace, name } as const;
  const { data } = useOriginOf(object);
  return data === undefined ? null : <ObjectEdits object={object} where={{ namespace, gitSync: data.gitSync }} />;
}

function CopyForTeam({ template }: { readonly template: TemplateView }) {
  const teams = startableTeams(useMe());
  const [open, setOpen] = useState(false);
  if (teams.length === 0) return null;
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpen(true)}>
        {words.copy}
      </Button>
      {open ? (
        <Suspense fallback={null}>
          <CopyTemplate template={template} teams={teams} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}

/** For whoever looks on in a team, and may start nothing there. */
export function AskForAccess({ template }: { readonly template: TemplateView }) {
  const me = useMe();
  const { namespace = SYSTEM_NAMESPACE } = template.metadata;
  const teams = me.teams.filter(
    (team) => team.role === 'viewer' && (namespace === SYSTEM_NAMESPACE || team.namespace === namespace),
  );
  const [open, setOpen] = useState(false);
  if (teams.length === 0) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>{words.access}</Button>
      {open ? <Access template={template} teams={teams} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function Access(props: { readonly template: TemplateView; readonly teams: readonly MyTeam[]; readonly onClose: () => void }) {
  const { teams, template } = props;
  const me = useMe();
  const [chosen, setChosen] = useState(teams[0]?.name ?? '');
  const [until, setUntil] = useState('');
  const { data: team, isError } = useTeam(chosen, chosen !== '');
  const origin = team?.origin;
  return (
    <AskChange
      where={{ namespace: team?.namespace ?? '', gitSync: origin?.gitSync ?? '' }}
      title={words.accessTo(template.spec.displayName)}
      edits={team === undefined || origin == null ? null : [membershipFor(me.name, team)]}
      until={until}
      onClose={props.onClose}
    >
      <p className="ss-modal-text">{words.accessText}</p>
      <NativeSelect
        label={words.team}
        value={chosen}
        data={teams.map(({ name, displayName }) => ({ value: name, label: displayName }))}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
      {isError || origin === null ? (
        <p className="ss-warning" role="alert">
          {isError ? words.teamFailed : words.teamNotInGit}
        </p>
      ) : null}
      <UntilField value={until} onChange={setUntil} />
    </AskChange>
  );
}
