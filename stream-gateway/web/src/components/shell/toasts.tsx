// One word to the owner when a session reaches a phase in which it stays (P-07-3).
import { notifications } from '@mantine/notifications';
import { useEffect, useRef } from 'react';
import type { SessionView } from '../../../../../schemas/api/api.ts';
import type { SessionPhase } from '../../../../../schemas/kinds/sessions/session.ts';
import { useMe, useSessions } from '../../api/queries.ts';
import { isSettled, phaseOf, toneOf } from '../../model/sessions/phases.ts';
import { text } from '../../text/text.ts';

const COLORS = { good: 'green', bad: 'red', busy: 'gray', quiet: 'gray', off: 'gray' } as const;

/** `except`: the session whose desktop fills the window; it says so itself. */
export function PhaseToasts({ except }: { readonly except?: { readonly namespace: string; readonly name: string } }) {
  const me = useMe();
  const sessions = useSessions();
  const before = useRef<ReadonlyMap<string, SessionPhase> | null>(null);
  const items = sessions.state === 'ready' ? sessions.list.items : null;
  useEffect(() => {
    if (items === null) return;
    const known = before.current;
    before.current = new Map(items.map((session) => [session.metadata.uid, phaseOf(session)]));
    if (known === null) return;
    for (const session of items) {
      const { uid, name, namespace } = session.metadata;
      const was = known.get(uid);
      const shown = except !== undefined && except.namespace === namespace && except.name === name;
      if (session.spec.owner === me.name && was !== undefined && was !== phaseOf(session) && !shown) toast(session);
    }
  }, [items, me.name, except]);
  return null;
}

function toast(session: SessionView): void {
  const phase = phaseOf(session);
  if (!isSettled(phase)) return;
  const { name, uid } = session.metadata;
  const title = text.sessions.toast[phase as keyof typeof text.sessions.toast](name);
  const message = phase === 'Failed' ? (session.status?.message ?? '') : (session.status?.templateRef?.displayName ?? '');
  const id = `session-${uid}`;
  // The same place for the same session: a quick change replaces what is not true any more.
  notifications.hide(id);
  notifications.show({
    id,
    title,
    message,
    color: COLORS[toneOf(phase)],
    closeButtonProps: { 'aria-label': text.close },
  });
}
