// A shell in the container of a session.
import { Button, useComputedColorScheme } from '@mantine/core';
import { IconTerminal2 } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useCallback, useRef } from 'react';
import { ApiError } from '../../api/problem.ts';
import { Page } from '../../components/ui/page.tsx';
import { ErrorFacts, Failed, Forbidden, Message } from '../../components/ui/states.tsx';
import { useNow } from '../../components/ui/use-now.ts';
import { type ConsoleState, useConsole } from '../../console/use-console.ts';
import { text } from '../../text/text.ts';
import '../../styles/console.css';

const route = getRouteApi('/shell/sessions/$namespace/$name/console');
const PARENT = { title: text.sessions.title, to: '/sessions' } as const;

export function ConsolePage() {
  const { namespace, name } = route.useParams();
  const screen = useRef<HTMLDivElement>(null);
  const out = useRef<HTMLAnchorElement>(null);
  const dark = useComputedColorScheme('light') === 'dark';
  const onLeave = useCallback(() => out.current?.focus(), []);
  const { state, again, stay, end } = useConsole({ session: { namespace, name }, screen, dark, onLeave });
  const over = state.state === 'ended' || state.state === 'refused';
  return (
    <Page
      title={text.console.titleOf(name)}
      parent={PARENT}
      lead={text.console.lead}
      actions={
        <>
          <Button
            size="sm"
            variant="default"
            renderRoot={(rest) => <Link to="/sessions/$namespace/$name" params={{ namespace, name }} {...rest} ref={out} />}
          >
            {text.console.back}
          </Button>
          {over ? null : (
            <Button size="sm" variant="default" onClick={end}>
              {text.console.end}
            </Button>
          )}
        </>
      }
    >
      <div className="ss-console" data-over={over}>
        <Line state={state} again={again} stay={stay} />
        <div className="ss-console-screen" ref={screen} data-state={state.state} />
        {over ? null : <p className="ss-note">{text.console.leaveKeys}</p>}
      </div>
    </Page>
  );
}

function Line({ state, again, stay }: { readonly state: ConsoleState; readonly again: () => void; readonly stay: () => void }) {
  const now = useNow(1_000);
  switch (state.state) {
    case 'connecting':
      return (
        <p className="ss-console-line" role="status">
          {text.console.connecting}
        </p>
      );
    case 'open':
      return (
        <div className="ss-console-line" role="status" data-tone={state.idleAt === null ? 'plain' : 'warn'}>
          {state.idleAt === null ? (
            text.console.connected
          ) : (
            <>
              {text.console.idle(Math.max(0, Math.ceil((state.idleAt - now) / 1_000)))}
              <Button size="xs" onClick={stay}>
                {text.console.stay}
              </Button>
            </>
          )}
        </div>
      );
    case 'refused':
      return state.error.code === 'Forbidden' ? (
        <Forbidden {...text.console.forbidden} />
      ) : (
        <Failed title={text.console.refused} error={state.error} retry={again} />
      );
    case 'ended': {
      const actions = <Button onClick={again}>{text.console.again}</Button>;
      return (
        <Message icon={IconTerminal2} title={text.console.endedTitle} role="status" actions={actions}>
          <Why why={state.why} />
        </Message>
      );
    }
  }
}

function Why({ why }: { readonly why: Extract<ConsoleState, { readonly state: 'ended' }>['why'] }) {
  if (why instanceof ApiError)
    return (
      <>
        <p>{why.message}</p>
        <p>{why.remedy}</p>
        <ErrorFacts error={why} />
      </>
    );
  return <p>{typeof why === 'string' ? text.console[why] : text.console.exited(why.exitCode)}</p>;
}
