// Makes a share: a link that is shown once, people by name, or a team.
import { Button, Checkbox, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ShareCreate, ShareCreated, ShareListView } from '../../../../../schemas/api/sharing.ts';
import type { ObjectName } from '../../api/client.ts';
import { explained, toApiError } from '../../api/problem.ts';
import { useCreateShare } from '../../api/sessions/sharing-queries.ts';
import { durationMs } from '../../model/durations.ts';
import { text } from '../../text/text.ts';
import { CopyText } from '../ui/copy-button.tsx';

type Kind = keyof typeof text.sharing.kinds;
type Minutes = keyof typeof text.sharing.durations;

const DURATIONS: readonly Minutes[] = [30, 60, 480, 1440, 10080];
const USES = ['', '1', '5', '20'] as const;

export function ShareForm({ session, policy }: { readonly session: ObjectName; readonly policy: ShareListView['policy'] }) {
  const create = useCreateShare(session);
  const kinds = kindsAllowed(policy.allow);
  const durations = DURATIONS.filter((minutes) => policy.maxTTL === undefined || minutes * 60_000 <= durationMs(policy.maxTTL));
  const [kind, setKind] = useState<Kind>(kinds[0] ?? 'people');
  const [names, setNames] = useState('');
  const [mode, setMode] = useState<'View' | 'Control'>(policy.modes.includes('View') ? 'View' : 'Control');
  const [minutes, setMinutes] = useState<string>(String(durations.includes(480) ? 480 : (durations.at(-1) ?? '')));
  const [uses, setUses] = useState<string>('');
  const [moderated, setModerated] = useState(false);
  const [missing, setMissing] = useState(false);
  const { sharing } = text;
  if (create.data !== undefined && create.data.link !== null)
    return <MadeLink link={create.data.link} created={create.data} onDone={() => create.reset()} />;
  const submit = () => {
    const subjects = subjectsOf(kind, names);
    setMissing(kind !== 'link' && subjects.length === 0);
    if (kind !== 'link' && subjects.length === 0) return;
    const wish: ShareCreate = {
      ...(kind === 'link' ? { link: true, ...(uses === '' ? {} : { maxUses: Number(uses) }) } : { subjects: [...subjects] }),
      ...(minutes === '' ? {} : { expiresInMinutes: Number(minutes) }),
      mode,
      moderated,
    };
    create.mutate(wish, { onSuccess: () => setNames('') });
  };
  return (
    <form
      className="ss-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <SegmentedControl
        aria-label={sharing.withWhom}
        fullWidth
        value={kind}
        data={kinds.map((each) => ({ value: each, label: sharing.kinds[each] }))}
        onChange={(next) => {
          setKind(next as Kind);
          setMissing(false);
        }}
      />
      {kind === 'link' ? null : (
        <TextInput
          label={kind === 'people' ? sharing.people : sharing.team}
          description={kind === 'people' ? sharing.peopleHint : sharing.teamHint}
          error={missing ? (kind === 'people' ? sharing.peopleMissing : sharing.teamMissing) : undefined}
          value={names}
          maxLength={1_000}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setNames(event.currentTarget.value)}
        />
      )}
      <div className="ss-share-choices">
        <NativeSelect
          label={sharing.mode}
          value={mode}
          data={policy.modes.map((each) => ({ value: each, label: sharing.modes[each] }))}
          onChange={(event) => setMode(event.currentTarget.value === 'Control' ? 'Control' : 'View')}
        />
        {durations.length === 0 ? null : (
          <NativeSelect
            label={sharing.until}
            value={minutes}
            data={durations.map((each) => ({ value: String(each), label: sharing.durations[each] }))}
            onChange={(event) => setMinutes(event.currentTarget.value)}
          />
        )}
        {kind === 'link' ? (
          <NativeSelect
            label={sharing.uses}
            value={uses}
            data={USES.map((each) => ({ value: each, label: each === '' ? sharing.usesAny : sharing.usesTimes(Number(each)) }))}
            onChange={(event) => setUses(event.currentTarget.value)}
          />
        ) : null}
      </div>
      <Checkbox
        label={sharing.moderated}
        description={sharing.moderatedHint}
        checked={moderated}
        onChange={(event) => setModerated(event.currentTarget.checked)}
      />
      {create.error === null ? null : (
        <p role="alert" className="ss-source-why">
          {explained(toApiError(create.error))}
        </p>
      )}
      {create.data === undefined ? null : <SharedWith session={session} />}
      <div className="ss-form-actions">
        <Button type="submit" loading={create.isPending}>
          {kind === 'link' ? sharing.createLink : sharing.create}
        </Button>
      </div>
    </form>
  );
}

function MadeLink(props: { readonly link: string; readonly created: ShareCreated; readonly onDone: () => void }) {
  const { sharing } = text;
  return (
    <div className="ss-form" role="status">
      <p>
        <strong>{sharing.created}</strong> {sharing.createdText}
      </p>
      <div className="ss-secret">
        <code>{props.link}</code>
        <CopyText value={props.link} label={sharing.copyLink} />
      </div>
      <div className="ss-form-actions">
        <Button onClick={props.onDone}>{sharing.done}</Button>
      </div>
    </div>
  );
}

function SharedWith({ session: { namespace, name } }: { readonly session: ObjectName }) {
  const { sharing } = text;
  const address = `${window.location.origin}/share/${namespace}/${name}`;
  return (
    <div role="status">
      <p>
        <strong>{sharing.shared}.</strong> {sharing.address}
      </p>
      <div className="ss-secret">
        <code>{address}</code>
        <CopyText value={address} />
      </div>
    </div>
  );
}

function kindsAllowed(allow: ShareListView['policy']['allow']): readonly Kind[] {
  switch (allow) {
    case 'None':
      return [];
    case 'People':
      return ['people'];
    case 'Team':
      return ['people', 'team'];
    case 'Link':
      return ['link', 'people', 'team'];
  }
}

function subjectsOf(kind: Kind, names: string): readonly { readonly kind: 'User' | 'Team'; readonly name: string }[] {
  return names
    .split(/[,;\s]+/u)
    .filter((name) => name !== '')
    .map((name) => ({ kind: kind === 'people' ? 'User' : 'Team', name }));
}
