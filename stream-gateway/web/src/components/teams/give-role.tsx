// "Give a role": to a person, a group or a machine of the team, with what it gives, from when and until when. It opens a change request.
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import type { OfferedRole } from '../../../../../schemas/api/teams.ts';
import { SUBJECT_NAME, SYSTEM_NAMESPACE } from '../../../../../schemas/names.ts';
import type { TeamDetail } from '../../api/access/teams-api.ts';
import { useMachines } from '../../api/account/key-queries.ts';
import { useMe } from '../../api/queries.ts';
import { MAX_BINDING_REASON, type RoleWish, roleGiven } from '../../model/git/access-binding.ts';
import { untilOf } from '../../model/git/until.ts';
import { text } from '../../text/text.ts';
import { AskChange, type AskWhere } from '../changes/ask-change.tsx';
import { TimeField } from '../changes/until-field.tsx';
import { useNow } from '../ui/use-now.ts';
import { useAsking } from './member-edits.tsx';
import { RoleGives } from './role-gives.tsx';

const words = text.teams.detail.giving;

export function GiveRole({ team }: { readonly team: TeamDetail }) {
  const where = useAsking(team);
  const [open, setOpen] = useState(false);
  if (where === null) return null;
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpen(true)}>
        {words.give}
      </Button>
      {open ? <Wish team={team} where={where} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

type WhoKind = 'user' | 'group' | 'machine';

function Wish({ team, where, onClose }: { readonly team: TeamDetail; readonly where: AskWhere; readonly onClose: () => void }) {
  const [kind, setKind] = useState<WhoKind>('user');
  const [name, setName] = useState('');
  const [roleName, setRoleName] = useState('viewer');
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const [unlike] = useState(someLetters);
  const now = useNow(10_000);
  const role = team.roles.find((each) => each.name === roleName);
  const place = usePlace(team, role);
  const badName = name !== '' && !SUBJECT_NAME.test(name.trim());
  const notBefore = untilOf(from, Number.NEGATIVE_INFINITY);
  const expiresAt = untilOf(until, now);
  const endsBefore = notBefore != null && expiresAt != null && Date.parse(expiresAt) <= Date.parse(notBefore);
  const times = notBefore === null || expiresAt === null || endsBefore ? undefined : { notBefore, expiresAt };
  const ready = role !== undefined && place !== null && times !== undefined && name.trim() !== '' && !badName;
  const wish = (reason: string): RoleWish => ({
    ...{ kind: kind === 'group' ? 'group' : 'user', name: name.trim(), role: roleName, team: team.name },
    ...{ namespace: place ?? team.namespace, notBefore: times?.notBefore, expiresAt: times?.expiresAt, reason },
  });
  const chooseKind = (next: WhoKind): void => {
    setKind(next);
    setName('');
  };
  return (
    <AskChange
      where={{ ...where, namespace: place ?? where.namespace }}
      title={words.give}
      edits={ready ? (why) => [roleGiven(wish(why), unlike)] : null}
      maxReason={MAX_BINDING_REASON}
      onClose={onClose}
    >
      <Who team={team} kind={kind} name={name} bad={badName} onKind={chooseKind} onName={setName} />
      <RoleChoice team={team} role={role} place={place} onChoose={setRoleName} />
      <TimeField label={words.from} description={words.fromHint} value={from} onChange={setFrom} />
      <TimeField
        label={words.until}
        description={words.untilHint}
        value={until}
        error={expiresAt === null ? words.past : endsBefore ? words.endsBefore : undefined}
        onChange={setUntil}
      />
    </AskChange>
  );
}

/** Not `crypto.randomUUID`, which is there on https and localhost only. */
function someLetters(): string {
  return [...crypto.getRandomValues(new Uint8Array(3))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Where a binding of the role has to lie; null: the person cannot ask for it. Whoever knows nothing of bindings sees roles of the team alone. */
function usePlace(team: TeamDetail, role: OfferedRole | undefined): string | null {
  const { platformRole } = useMe();
  if (role === undefined || role.beyondTeam.length === 0) return team.namespace;
  return platformRole === 'platformAdmin' ? SYSTEM_NAMESPACE : null;
}

function Who(props: {
  readonly team: TeamDetail;
  readonly kind: WhoKind;
  readonly name: string;
  readonly bad: boolean;
  readonly onKind: (kind: WhoKind) => void;
  readonly onName: (name: string) => void;
}) {
  const { team, kind, name, bad, onKind, onName } = props;
  const { data } = useMachines(team.name, team.may.listMachines);
  const machines = data?.items ?? [];
  const kinds: readonly WhoKind[] = machines.length === 0 ? ['user', 'group'] : ['user', 'group', 'machine'];
  return (
    <>
      <NativeSelect
        data-autofocus
        label={words.kind}
        value={kind}
        data={kinds.map((each) => ({ value: each, label: words.kinds[each] }))}
        onChange={(event) => onKind(kinds.find((each) => each === event.currentTarget.value) ?? kind)}
      />
      {kind === 'machine' ? (
        <NativeSelect
          label={words.machine}
          value={name}
          data={[{ value: '', label: words.choose }, ...machines.map((each) => ({ value: each.user, label: each.name }))]}
          onChange={(event) => onName(event.currentTarget.value)}
        />
      ) : (
        <TextInput
          label={words.name}
          description={words.nameHint}
          value={name}
          maxLength={128}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onName(event.currentTarget.value)}
          {...(bad ? { error: words.badName } : {})}
        />
      )}
    </>
  );
}

function RoleChoice(props: {
  readonly team: TeamDetail;
  readonly role: OfferedRole | undefined;
  readonly place: string | null;
  readonly onChoose: (name: string) => void;
}) {
  const { team, role, place } = props;
  const gives = useId();
  const beyond = role?.beyondTeam.join(', ') ?? '';
  return (
    <>
      <NativeSelect
        label={words.role}
        value={role?.name ?? ''}
        data={team.roles.map((each) => ({ value: each.name, label: roleLabel(each) }))}
        onChange={(event) => props.onChoose(event.currentTarget.value)}
      />
      {role === undefined ? null : (
        <section aria-labelledby={gives} aria-live="polite">
          <h3 className="ss-differs-title" id={gives}>
            {words.gives(team.displayName)}
          </h3>
          <RoleGives rules={role.rules} />
        </section>
      )}
      {beyond === '' ? null : place === null ? (
        <p className="ss-warning" role="alert">
          {words.tooWide(beyond)}
        </p>
      ) : (
        <p className="ss-note">{words.wideInSystem(beyond)}</p>
      )}
    </>
  );
}

function roleLabel({ name, displayName, builtIn }: OfferedRole): string {
  if (!builtIn) return displayName ?? name;
  return Object.hasOwn(text.roles, name) ? text.roles[name as keyof typeof text.roles] : name;
}
