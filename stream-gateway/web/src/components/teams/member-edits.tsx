// Edits of who is in a team: each opens a change request, for the members are kept in Git.
import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { formatChangePath, type PathSegment } from '../../../../../schemas/kinds/changes/change-path.ts';
import type { TeamRole } from '../../../../../schemas/kinds/team.ts';
import type { TeamDetail } from '../../api/access/teams-api.ts';
import type { ChangeCreate } from '../../api/git/changes-api.ts';
import { useMe } from '../../api/queries.ts';
import { text } from '../../text/text.ts';
import { AskChange, type AskWhere } from '../changes/ask-change.tsx';
import { EditButton } from '../changes/object-edits.tsx';
import { UntilField } from '../changes/until-field.tsx';

type Member = TeamDetail['members'][number];
type Policy = NonNullable<TeamDetail['policies']>[number];
type Edits = ChangeCreate['edits'];

const words = text.changes.ask;
const ROLES: readonly TeamRole[] = ['admin', 'member', 'viewer', 'auditor'];

/** Null: it does not come from Git, or the person may not ask. The API server decides in the end. */
export function useAsking(team: TeamDetail): AskWhere | null {
  const me = useMe();
  const may = me.platformRole === 'platformAdmin' || team.role === 'admin' || team.role === 'member';
  return may && team.origin !== null ? { namespace: team.namespace, gitSync: team.origin.gitSync } : null;
}

/** Null: it does not come from Git, or the person may not ask for changes where it lies. */
export function useAskingAbout(team: TeamDetail): (policy: Pick<Policy, 'namespace' | 'origin'>) => AskWhere | null {
  const me = useMe();
  const asking = useAsking(team) !== null;
  return ({ namespace, origin }) => {
    const may = asking && (namespace === team.namespace || me.platformRole === 'platformAdmin');
    return may && origin !== null ? { namespace, gitSync: origin.gitSync } : null;
  };
}

/** Its name, network and priority, as YAML. The members stand there too. */
export function EditTeam({ team }: { readonly team: TeamDetail }) {
  const where = useAsking(team);
  return where === null ? null : <EditButton look="head" object={{ kind: 'Team', name: team.name }} where={where} />;
}

export function AddMember({ team }: { readonly team: TeamDetail }) {
  const where = useAsking(team);
  const [open, setOpen] = useState(false);
  if (where === null) return null;
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpen(true)}>
        {words.addMember}
      </Button>
      {open ? <NewMember team={team} where={where} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

interface Asked {
  readonly team: TeamDetail;
  readonly where: AskWhere;
  readonly onClose: () => void;
}

function NewMember({ team, where, onClose }: Asked) {
  const [kind, setKind] = useState<'user' | 'group'>('user');
  const [name, setName] = useState('');
  const [role, setRole] = useState<TeamRole>('member');
  const [until, setUntil] = useState('');
  const value = JSON.stringify({ [kind]: name.trim(), role });
  const edits = name.trim() === '' ? null : editsOf(team, { op: 'Set', path: 'spec.members[]', value });
  return (
    <AskChange where={where} title={words.addMember} edits={edits} until={until} onClose={onClose}>
      <NativeSelect
        label={words.kind}
        value={kind}
        data={(['user', 'group'] as const).map((each) => ({ value: each, label: words.kinds[each] }))}
        onChange={(event) => setKind(event.currentTarget.value === 'group' ? 'group' : 'user')}
      />
      <TextInput
        data-autofocus
        label={words.name}
        description={words.nameHint}
        value={name}
        maxLength={128}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <RoleChoice role={role} onChoose={setRole} />
      <UntilField value={until} onChange={setUntil} />
    </AskChange>
  );
}

export function MemberActions({ team, member }: { readonly team: TeamDetail; readonly member: Member }) {
  const where = useAsking(team);
  const [open, setOpen] = useState<'role' | 'remove' | null>(null);
  if (where === null) return null;
  const close = (): void => setOpen(null);
  return (
    <>
      <Group gap={4}>
        <Button size="compact-xs" variant="subtle" aria-label={words.changeRole(member.name)} onClick={() => setOpen('role')}>
          {words.changeShort}
        </Button>
        <Button
          size="compact-xs"
          variant="subtle"
          color="red"
          aria-label={words.remove(member.name)}
          onClick={() => setOpen('remove')}
        >
          {words.removeShort}
        </Button>
      </Group>
      {open === 'role' ? <OtherRole team={team} where={where} member={member} onClose={close} /> : null}
      {open === 'remove' ? (
        <AskChange where={where} title={words.remove(member.name)} edits={removal(team, member)} onClose={close} />
      ) : null}
    </>
  );
}

function OtherRole({ team, where, member, onClose }: Asked & { readonly member: Member }) {
  const [role, setRole] = useState<TeamRole>(member.role);
  const [until, setUntil] = useState('');
  const path = pathTo(member, { kind: 'field', name: 'role' });
  const change = { op: 'Set', path, value: JSON.stringify(role), was: JSON.stringify(member.role) } as const;
  return (
    <AskChange
      where={where}
      title={words.changeRole(member.name)}
      edits={role === member.role ? null : editsOf(team, change)}
      until={until}
      onClose={onClose}
    >
      <RoleChoice role={role} onChoose={setRole} />
      <UntilField value={until} onChange={setUntil} />
    </AskChange>
  );
}

function RoleChoice({ role, onChoose }: { readonly role: TeamRole; readonly onChoose: (role: TeamRole) => void }) {
  return (
    <NativeSelect
      label={words.role}
      value={role}
      data={ROLES.map((each) => ({ value: each, label: text.roles[each] }))}
      onChange={(event) => onChoose(ROLES.find((each) => each === event.currentTarget.value) ?? role)}
    />
  );
}

function removal(team: TeamDetail, member: Member): Edits {
  return editsOf(team, { op: 'Remove', path: pathTo(member) });
}

function pathTo({ kind, name }: Member, ...below: readonly PathSegment[]): string {
  return formatChangePath([
    { kind: 'field', name: 'spec' },
    { kind: 'field', name: 'members' },
    { kind: 'item', key: [kind === 'User' ? 'user' : 'group'], value: name },
    ...below,
  ]);
}

function editsOf(team: TeamDetail, change: NonNullable<Edits[number]['changes']>[number]): Edits {
  const object = { apiVersion: 'streamspace.io/v1alpha1', kind: 'Team', name: team.name };
  return [{ action: 'Patch', object, changes: [change] }];
}
