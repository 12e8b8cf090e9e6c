// Edits of a role that was given: its end moved, anything of it as YAML, or the role taken back now. Each opens a change request.
import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import type { TeamDetail } from '../../api/access/teams-api.ts';
import { type BindingPlace, ended, endMoved } from '../../model/git/access-binding.ts';
import { fieldOf, untilOf } from '../../model/git/until.ts';
import { text } from '../../text/text.ts';
import { AskChange, type AskWhere } from '../changes/ask-change.tsx';
import { EditButton } from '../changes/object-edits.tsx';
import { TimeField } from '../changes/until-field.tsx';
import { useNow } from '../ui/use-now.ts';

type Binding = NonNullable<TeamDetail['bindings']>[number];

const words = text.teams.detail.giving;

interface Edited {
  readonly binding: Binding;
  readonly place: BindingPlace;
  readonly where: AskWhere;
}

export function BindingActions({ binding, place, where }: Edited) {
  const [open, setOpen] = useState<'end' | 'stop' | null>(null);
  const close = (): void => setOpen(null);
  const { role, subject } = binding;
  const over = binding.state === 'AccessExpired';
  const stop = over ? words.clear(role, subject) : words.stop(role, subject);
  return (
    <>
      <Group gap={4}>
        <Button size="compact-xs" variant="subtle" aria-label={words.moveEnd(role, subject)} onClick={() => setOpen('end')}>
          {words.moveEndShort}
        </Button>
        <EditButton look="row" object={{ kind: 'AccessBinding', ...place }} where={where} />
        <Button size="compact-xs" variant="subtle" color="red" aria-label={stop} onClick={() => setOpen('stop')}>
          {over ? words.clearShort : words.stopShort}
        </Button>
      </Group>
      {open === 'end' ? <OtherEnd binding={binding} place={place} where={where} onClose={close} /> : null}
      {open === 'stop' ? (
        <AskChange where={where} title={stop} edits={[ended(place)]} onClose={close}>
          <p className="ss-modal-text">{over ? words.clearText : words.stopText}</p>
        </AskChange>
      ) : null}
    </>
  );
}

function OtherEnd({ binding, place, where, onClose }: Edited & { readonly onClose: () => void }) {
  const { expiresAt, notBefore, role, subject } = binding;
  const before = expiresAt === null ? '' : fieldOf(expiresAt);
  const [value, setValue] = useState(before);
  const until = untilOf(value, useNow(10_000));
  const early = until != null && notBefore !== null && Date.parse(until) <= Date.parse(notBefore);
  // What is over already may stand in the field, as long as nobody has touched it.
  const error = value === before ? undefined : until === null ? words.past : early ? words.endsBefore : undefined;
  const edit = value === before || until === null || early ? undefined : endMoved(place, expiresAt, until);
  return (
    <AskChange where={where} title={words.moveEnd(role, subject)} edits={edit === undefined ? null : [edit]} onClose={onClose}>
      <TimeField label={words.until} description={words.untilHint} value={value} error={error} onChange={setValue} />
    </AskChange>
  );
}
