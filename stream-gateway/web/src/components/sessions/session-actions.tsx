// What can be done with a session now: the most likely verb as a button, the rest in a menu.
import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDotsVertical, IconMoon, IconPlayerPlay, IconPlayerStop, IconScreenShare, IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { useDeleteSession, useSetSessionState } from '../../api/actions.ts';
import { isOver, phaseOf, type SessionVerb, verbsOf } from '../../model/sessions/phases.ts';
import { text } from '../../text/text.ts';
import { notifyFailed } from '../shell/notify.ts';

const ConfirmDestroy = lazy(() => import('../ui/confirm-destroy.tsx').then((module) => ({ default: module.ConfirmDestroy })));

const ICONS = {
  open: IconScreenShare,
  hibernate: IconMoon,
  resume: IconPlayerPlay,
  terminate: IconPlayerStop,
  delete: IconTrash,
} as const;

export function SessionActions(props: {
  readonly session: SessionView;
  readonly size?: 'xs' | 'sm';
  /** After a deletion: where the page of the session itself goes. */
  readonly onDeleted?: () => void;
}) {
  const { session, size = 'xs' } = props;
  const { name } = session.metadata;
  const verbs = verbsOf(session);
  const { run, busy, asking, confirm, cancel } = useVerbs(session, props.onDeleted);
  const first = verbs.find((verb) => verb === 'open' || verb === 'resume');
  const rest = verbs.filter((verb) => verb !== first);
  return (
    <span className="ss-actions">
      {first === undefined ? null : (
        <Button
          size={size}
          variant={first === 'open' && phaseOf(session) === 'Running' ? 'filled' : 'default'}
          loading={busy === first}
          leftSection={<VerbIcon verb={first} />}
          aria-label={`${text.sessions.verbs[first]} ${name}`}
          onClick={() => run(first)}
        >
          {text.sessions.verbs[first]}
        </Button>
      )}
      {rest.length === 0 ? null : (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size={size === 'xs' ? 30 : 36} aria-label={text.sessions.more(name)}>
              <IconDotsVertical size={16} aria-hidden="true" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {rest.map((verb) => (
              <Menu.Item
                key={verb}
                leftSection={<VerbIcon verb={verb} />}
                {...(verb === 'terminate' || verb === 'delete' ? { color: 'red' } : {})}
                {...(verb === 'hibernate' ? { title: text.sessions.hibernateHint } : {})}
                onClick={() => run(verb)}
              >
                {text.sessions.verbs[verb]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {asking === null ? null : (
        <Suspense fallback={null}>
          <ConfirmDestroy
            opened
            title={asking === 'delete' ? text.sessions.deleteTitle(name) : text.sessions.terminateTitle(name)}
            explanation={asking === 'delete' ? text.sessions.deleteText : text.sessions.terminateText}
            name={name}
            verb={asking === 'delete' ? text.sessions.verbs.delete : text.sessions.verbs.terminate}
            busy={busy === asking}
            onConfirm={confirm}
            onClose={cancel}
          />
        </Suspense>
      )}
    </span>
  );
}

function VerbIcon({ verb }: { readonly verb: SessionVerb }) {
  const Icon = ICONS[verb];
  return <Icon size={16} stroke={1.8} aria-hidden="true" />;
}

function useVerbs(session: SessionView, onDeleted: (() => void) | undefined) {
  const navigate = useNavigate();
  const setState = useSetSessionState();
  const remove = useDeleteSession();
  const [asking, setAsking] = useState<'terminate' | 'delete' | null>(null);
  const [busy, setBusy] = useState<SessionVerb | null>(null);
  const { name, namespace = '', uid } = session.metadata;
  const done = () => {
    setBusy(null);
    setAsking(null);
  };
  const failed = (verb: SessionVerb) => (error: unknown) => {
    done();
    notifyFailed(text.sessions.verbFailed(text.sessions.verbs[verb], name), error);
  };
  const open = () => void navigate({ to: '/s/$namespace/$name', params: { namespace, name } });
  const act = (verb: SessionVerb) => {
    setBusy(verb);
    const options = { onSuccess: done, onError: failed(verb) };
    const target = { namespace, name };
    switch (verb) {
      case 'open':
        done();
        open();
        return;
      case 'hibernate':
        setState.mutate({ session: target, desiredState: 'Hibernated' }, options);
        return;
      case 'resume':
        // The stages of the start are on the desktop's own page, so that is where waiting feels short.
        setState.mutate(
          { session: target, desiredState: 'Running' },
          {
            ...options,
            onSuccess: () => {
              done();
              open();
            },
          },
        );
        return;
      case 'terminate':
        setState.mutate({ session: target, desiredState: 'Terminated' }, options);
        return;
      case 'delete':
        remove.mutate(
          { ...target, uid },
          {
            ...options,
            onSuccess: () => {
              done();
              onDeleted?.();
            },
          },
        );
        return;
    }
  };
  return {
    busy,
    asking,
    // What has ended holds nothing any more: its entry goes without a question.
    run: (verb: SessionVerb) => (verb === 'terminate' || (verb === 'delete' && !isOver(session)) ? setAsking(verb) : act(verb)),
    confirm: () => asking !== null && act(asking),
    cancel: () => setAsking(null),
  };
}
