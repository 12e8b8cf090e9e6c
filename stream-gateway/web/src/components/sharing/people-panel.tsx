// Who is here: avatars in the bar, and behind them what those who control the session decide about the others.
import { Button, Popover } from '@mantine/core';
import { IconHandStop, IconKeyboard } from '@tabler/icons-react';
import { useState } from 'react';
import type { PersonHere, PresenceNotice } from '../../../../../schemas/api/presence-notices.ts';
import type { PeopleAction } from '../../api/sessions/sharing-queries.ts';
import { colourOf, initials, meIn } from '../../model/desktop/sharing.ts';
import { text } from '../../text/text.ts';
import { Ago } from '../ui/ago.tsx';
import '../../styles/sharing.css';

/** More do not fit; the panel has all. */
const AVATARS = 4;

export function PeoplePanel(props: {
  readonly presence: PresenceNotice;
  readonly onAct: (action: PeopleAction) => void;
  readonly onPanel: (open: boolean) => void;
}) {
  const { presence, onAct, onPanel } = props;
  const { sharing } = text;
  const [opened, setOpened] = useState(false);
  const change = (open: boolean) => {
    setOpened(open);
    onPanel(open);
  };
  const me = meIn(presence);
  const moderates = me?.owns === true && me.right === 'control';
  const calls = moderates && (presence.waiting.length > 0 || presence.people.some(({ asking }) => asking));
  return (
    <Popover opened={opened} onChange={change} position="bottom-end" trapFocus withinPortal={false}>
      <Popover.Target>
        <button
          type="button"
          className="ss-people"
          aria-expanded={opened}
          aria-label={sharing.whoIsHere(presence.people.length)}
          onClick={() => change(!opened)}
        >
          {presence.people.slice(0, AVATARS).map((person) => (
            <Avatar key={person.id} person={person} me={me} />
          ))}
          {presence.people.length > AVATARS ? <span className="ss-face">+{presence.people.length - AVATARS}</span> : null}
          {calls ? <span className="ss-dot" /> : null}
        </button>
      </Popover.Target>
      <Popover.Dropdown className="ss-bar-panel" aria-label={sharing.whoIsHere(presence.people.length)}>
        {presence.waiting.length === 0 ? null : (
          <>
            <p className="ss-note">{sharing.waiting}</p>
            <ul className="ss-people-list">
              {presence.waiting.map(({ id, name }) => (
                <li key={id}>
                  <span>
                    {name} ({sharing.guest})
                  </span>
                  <span className="ss-share-actions">
                    <Button size="compact-sm" aria-label={sharing.admitNamed(name)} onClick={() => onAct({ act: 'admit', id })}>
                      {sharing.admit}
                    </Button>
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={sharing.denyNamed(name)}
                      onClick={() => onAct({ act: 'deny', id })}
                    >
                      {sharing.deny}
                    </Button>
                  </span>
                </li>
              ))}
            </ul>
          </>
        )}
        <ul className="ss-people-list">
          {presence.people.map((person) => (
            <Person key={person.id} person={person} me={me} moderates={moderates} onAct={onAct} />
          ))}
        </ul>
        {me === null || me.right === 'control' ? null : (
          <Button size="xs" variant="default" onClick={() => onAct({ act: 'ask', asking: !me.asking })}>
            {me.asking ? sharing.askBack : sharing.ask}
          </Button>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

/** That somebody types is told of the others; of oneself one knows, and the face is a better mark. */
function Avatar({ person, me }: { readonly person: PersonHere; readonly me: PersonHere | null }) {
  const typing = person.typing && person.id !== me?.id;
  return (
    <span className="ss-face" data-guest={person.guest} style={{ borderColor: colourOf(person.id) }} aria-hidden="true">
      {person.asking ? <IconHandStop size={14} /> : typing ? <IconKeyboard size={14} /> : initials(person.name)}
    </span>
  );
}

function Person(props: {
  readonly person: PersonHere;
  readonly me: PersonHere | null;
  readonly moderates: boolean;
  readonly onAct: (action: PeopleAction) => void;
}) {
  const { person, me, moderates, onAct } = props;
  const { sharing } = text;
  const { id, name, right } = person;
  const others = moderates && id !== me?.id && !(person.owns && right === 'control');
  return (
    <li>
      <Avatar person={person} me={me} />
      <span>
        <strong>{name}</strong>
        {id === me?.id ? ` (${sharing.you})` : ''}
        {person.guest ? ` (${sharing.guest})` : ''}
        <span className="ss-note">
          {' '}
          {right === 'control' ? sharing.controls : sharing.looksOn}
          {person.typing ? `, ${sharing.typing}` : ''}
          {person.asking ? `, ${sharing.asks}` : ''} · {sharing.joined} <Ago at={person.since} />
        </span>
      </span>
      {others ? (
        <span className="ss-share-actions">
          {right === 'control' ? (
            <Button
              size="compact-sm"
              variant="default"
              aria-label={sharing.takeNamed(name)}
              onClick={() => onAct({ act: 'take', id })}
            >
              {sharing.take}
            </Button>
          ) : (
            <Button size="compact-sm" aria-label={sharing.giveNamed(name)} onClick={() => onAct({ act: 'give', id })}>
              {sharing.give}
            </Button>
          )}
          <Button
            size="compact-sm"
            variant="subtle"
            color="red"
            aria-label={sharing.kickNamed(name)}
            onClick={() => onAct({ act: 'kick', id })}
          >
            {sharing.kick}
          </Button>
        </span>
      ) : null}
    </li>
  );
}
