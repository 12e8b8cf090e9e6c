// What is behind a link: a name, perhaps a knock, then the desktop. For people with an account and, where the policy of the
// session lets them in, without. And the desktops that others share with me by name.
import { Button, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconDoor, IconLinkOff } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { useGateway } from '../../api/context.tsx';
import { type ApiError, toApiError } from '../../api/problem.ts';
import { useKnownMe } from '../../api/queries.ts';
import { useSharedSessions } from '../../api/sessions/sharing-queries.ts';
import { AlwaysDark } from '../../components/desktop/always-dark.tsx';
import { SharedDesktop } from '../../components/sharing/shared-desktop.tsx';
import { useTitle } from '../../components/ui/page.tsx';
import { ErrorFacts, Failed, Message } from '../../components/ui/states.tsx';
import { type KeptVisit, keepVisit, keptVisit, SHARE_PATH, takeSecret } from '../../model/desktop/visit.ts';
import { text } from '../../text/text.ts';
import '../../styles/desktop.css';
import '../../styles/sharing.css';

const ASK_EVERY_MS = 1_500;
const route = getRouteApi('/share/$namespace/$name');

function Frame({ children }: { readonly children: ReactNode }) {
  return (
    <main className="ss-desktop" data-mantine-color-scheme="dark" aria-label={text.sharing.page}>
      <AlwaysDark>{children}</AlwaysDark>
    </main>
  );
}

export function SharePage() {
  useTitle(text.sharing.page);
  const [secret] = useState(() => takeSecret(window.location.hash, window.sessionStorage));
  const [visit, setVisit] = useState<KeptVisit | null>(() => keptVisit(window.sessionStorage));
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    // Out of the address bar, and so out of the history and of whatever is copied from it.
    if (window.location.hash !== '') window.history.replaceState(window.history.state, '', SHARE_PATH);
  }, []);
  const come = (next: KeptVisit | null) => {
    keepVisit(next, window.sessionStorage);
    setVisit(next);
  };
  if (secret === null)
    return (
      <Frame>
        <Message icon={IconLinkOff} title={text.sharing.noSecret} role="alert" whole>
          <p>{text.sharing.noSecretText}</p>
        </Message>
      </Frame>
    );
  if (error !== null)
    return (
      <Frame>
        <Refused
          error={error}
          onAgain={() => {
            setError(null);
            come(null);
          }}
        />
      </Frame>
    );
  if (visit === null)
    return (
      <Frame>
        <Join secret={secret} onIn={come} onRefused={setError} />
      </Frame>
    );
  if (visit.state === 'Waiting')
    return (
      <Frame>
        <Knocking visit={visit} onLetIn={() => come({ ...visit, state: 'Admitted' })} onRefused={setError} />
      </Frame>
    );
  return (
    <Frame>
      <Inside visit={visit} onLeave={() => come(null)} />
    </Frame>
  );
}

function Refused({ error, onAgain }: { readonly error: ApiError; readonly onAgain: () => void }) {
  const { sharing } = text;
  return (
    <Message
      icon={IconAlertTriangle}
      tone="bad"
      role="alert"
      title={sharing.refused}
      whole
      actions={
        <>
          <Button variant="default" onClick={onAgain}>
            {sharing.again}
          </Button>
          {error.code === 'ShareGuestsNotAllowed' ? <SignIn /> : null}
        </>
      }
    >
      <p>{error.message}</p>
      <p>{error.remedy}</p>
      <ErrorFacts error={error} />
    </Message>
  );
}

function SignIn() {
  return (
    <Button component="a" variant="default" href={`/auth/sign-in?returnTo=${encodeURIComponent(SHARE_PATH)}`}>
      {text.sharing.signIn}
    </Button>
  );
}

/** By hand and not by itself: opening spends a use, and whoever gives a name is seen by others. */
function Join(props: {
  readonly secret: string;
  readonly onIn: (visit: KeptVisit) => void;
  readonly onRefused: (error: ApiError) => void;
}) {
  const { api } = useGateway();
  const known = useKnownMe();
  const [name, setName] = useState('');
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const { sharing } = text;
  const join = () => {
    setMissing(known === undefined && name.trim() === '');
    if (known === undefined && name.trim() === '') return;
    setBusy(true);
    api.openLink(props.secret, known === undefined ? name : null).then(props.onIn, (error: unknown) => {
      setBusy(false);
      props.onRefused(toApiError(error));
    });
  };
  return (
    <form
      className="ss-join"
      onSubmit={(event) => {
        event.preventDefault();
        join();
      }}
    >
      <h1>{sharing.joinTitle}</h1>
      <p className="ss-note">{sharing.joinText}</p>
      {known === undefined ? (
        <TextInput
          data-autofocus
          label={sharing.name}
          description={sharing.nameHint}
          error={missing ? sharing.nameMissing : undefined}
          value={name}
          maxLength={40}
          autoComplete="name"
          onChange={(event) => setName(event.currentTarget.value)}
        />
      ) : null}
      <Button type="submit" size="md" loading={busy}>
        {known === undefined ? sharing.join : sharing.joinAs(known.displayName)}
      </Button>
      {known === undefined ? <SignIn /> : null}
    </form>
  );
}

function Knocking(props: {
  readonly visit: KeptVisit;
  readonly onLetIn: () => void;
  readonly onRefused: (error: ApiError) => void;
}) {
  const { visit, onLetIn, onRefused } = props;
  const { api } = useGateway();
  useEffect(() => {
    const leaving = new AbortController();
    const ask = async () => {
      try {
        const { state } = await api.visitState(visit.pass, leaving.signal);
        if (state === 'Admitted') onLetIn();
        // The ticket says why, with a code.
        else if (state !== 'Waiting') await api.visitTicket(visit.pass, leaving.signal);
      } catch (error) {
        const told = toApiError(error);
        if (!leaving.signal.aborted && told.status !== 0 && told.status !== 503) onRefused(told);
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), ASK_EVERY_MS);
    return () => {
      clearInterval(timer);
      leaving.abort();
    };
  }, [api, visit.pass, onLetIn, onRefused]);
  return (
    <Message icon={IconDoor} title={text.sharing.knocking} role="status" whole>
      <p>{text.sharing.knockingText}</p>
    </Message>
  );
}

function Inside({ visit, onLeave }: { readonly visit: KeptVisit; readonly onLeave: () => void }) {
  const { api } = useGateway();
  const ticket = useCallback((signal: AbortSignal) => api.visitTicket(visit.pass, signal), [api, visit.pass]);
  return (
    <SharedDesktop
      session={visit.session}
      right={visit.right}
      ticket={ticket}
      onAsk={(asking) => api.requestControlAsVisitor(visit.pass, asking)}
      onLeave={onLeave}
    />
  );
}

/** A desktop that is shared with me by name, group or team. */
export function SharedWithMePage() {
  const { namespace, name } = route.useParams();
  useTitle(text.desktop.title(name));
  const { api } = useGateway();
  const navigate = useNavigate();
  const shared = useSharedSessions();
  const found = shared.data?.find((each) => each.namespace === namespace && each.name === name);
  const right = found?.mode === 'Control' ? 'control' : 'view';
  const ticket = useCallback(
    (signal: AbortSignal) => api.createTicket({ namespace, name }, right, signal),
    [api, namespace, name, right],
  );
  if (shared.isPending) return <Frame>{null}</Frame>;
  if (shared.isError)
    return (
      <Frame>
        <Failed title={text.sharing.failed} error={toApiError(shared.error)} retry={() => void shared.refetch()} />
      </Frame>
    );
  return (
    <Frame>
      <SharedDesktop
        session={{ namespace, name }}
        right={right}
        ticket={ticket}
        onAsk={(asking) => api.requestControl({ namespace, name }, asking)}
        onLeave={() => void navigate({ to: '/' })}
      />
    </Frame>
  );
}
