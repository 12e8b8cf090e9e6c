// A console as a hook: one shell from its opening to its end, and another when the person wants one.
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import type { ObjectName } from '../api/client.ts';
import { useGateway } from '../api/context.tsx';
import { type ApiError, toApiError } from '../api/problem.ts';
import { notifyDone, notifyStopped } from '../components/shell/notify.ts';
import { closeError } from '../stream/link.ts';
import { text } from '../text/text.ts';
import type { ConsoleTerminal } from './terminal.ts';

export type ConsoleState =
  | { readonly state: 'connecting' }
  /** `idleAt`: when it is closed, unless somebody types; null without a warning. */
  | { readonly state: 'open'; readonly idleAt: number | null }
  | { readonly state: 'ended'; readonly why: 'closed' | 'lost' | { readonly exitCode: number } | ApiError }
  | { readonly state: 'refused'; readonly error: ApiError };

export interface ConsoleLink {
  readonly state: ConsoleState;
  readonly again: () => void;
  readonly stay: () => void;
  readonly end: () => void;
}

export function useConsole(options: {
  readonly session: ObjectName;
  readonly screen: RefObject<HTMLElement | null>;
  readonly dark: boolean;
  /** The same function each time. */
  readonly onLeave: () => void;
}): ConsoleLink {
  const { api } = useGateway();
  const { screen, dark, onLeave } = options;
  const { namespace, name } = options.session;
  const [state, setState] = useState<ConsoleState>({ state: 'connecting' });
  const [round, setRound] = useState(0);
  const terminal = useRef<ConsoleTerminal | null>(null);
  const darkNow = useRef(dark);
  useEffect(() => {
    darkNow.current = dark;
    terminal.current?.setDark(dark);
  }, [dark]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is another shell
  useEffect(() => {
    const target = screen.current;
    if (target === null) return;
    const leaving = new AbortController();
    setState({ state: 'connecting' });
    void (async () => {
      try {
        const [{ openConsole }, ticket] = await Promise.all([
          import('./terminal.ts'),
          api.createConsoleTicket({ namespace, name }, leaving.signal),
        ]);
        if (leaving.signal.aborted) return;
        let opened = false;
        const shell = openConsole({
          ...{ target, ticket, dark: darkNow.current, label: text.console.terminal, onLeave },
          onOpened: () => {
            opened = true;
            setState({ state: 'open', idleAt: null });
            shell.focus();
          },
          onClosed: ({ reason, exitCode }) => {
            if (leaving.signal.aborted) return;
            const error = reason === null ? null : closeError(reason);
            if (error !== null && !opened) setState({ state: 'refused', error });
            else setState({ state: 'ended', why: error ?? (exitCode === null ? 'lost' : { exitCode }) });
          },
          onIdle: (endsInMs) => setState({ state: 'open', idleAt: endsInMs === null ? null : Date.now() + endsInMs }),
          onNotice: notifyStopped,
          onClipboard: (copied) => void copy(copied),
          onPasteTooLong: () => notifyDone(text.console.pasteTooLong),
        });
        terminal.current = shell;
      } catch (error) {
        if (!leaving.signal.aborted) setState({ state: 'refused', error: toApiError(error) });
      }
    })();
    return () => {
      leaving.abort();
      terminal.current?.close();
      terminal.current = null;
    };
  }, [api, namespace, name, screen, onLeave, round]);

  return {
    state,
    again: useCallback(() => setRound((before) => before + 1), []),
    stay: useCallback(() => {
      terminal.current?.stay();
      terminal.current?.focus();
    }, []),
    end: useCallback(() => {
      terminal.current?.close();
      terminal.current = null;
      setState({ state: 'ended', why: 'closed' });
    }, []),
  };
}

/** The policy has let it pass; the browser may still want a click first. */
async function copy(copied: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(copied);
    notifyDone(text.console.copied);
  } catch {
    notifyDone(text.console.notCopied);
  }
}
