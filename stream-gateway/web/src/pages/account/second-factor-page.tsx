// Between the identity provider and the page: the second factor is given, or enrolled where a policy wants one.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { FactorQuestion, FactorResult } from '../../../../../schemas/api/factors.ts';
import { useGateway } from '../../api/context.tsx';
import { toApiError } from '../../api/problem.ts';
import { EnrolPasskey } from '../../components/factors/enrol-passkey.tsx';
import { EnrolTotp } from '../../components/factors/enrol-totp.tsx';
import { FactorForm } from '../../components/factors/factor-form.tsx';
import { NewRecoveryCodes } from '../../components/factors/recovery-codes.tsx';
import { Logo } from '../../components/shell/logo.tsx';
import { useTitle } from '../../components/ui/page.tsx';
import { Failed, Loading, Message } from '../../components/ui/states.tsx';
import { text } from '../../text/text.ts';

export const SECOND_FACTOR_PATH = '/second-factor';
const words = text.factors.signIn;

export function SecondFactorPage({ onSignedIn }: { readonly onSignedIn: (returnTo: string) => void }) {
  const { api } = useGateway();
  useTitle(words.title);
  const question = useQuery({
    queryKey: ['second-factor'],
    queryFn: ({ signal }) => api.factorQuestion(signal),
    ...{ retry: false, gcTime: 0, refetchOnWindowFocus: false },
  });
  const [codesFor, setCodesFor] = useState<string | null>(null);
  return (
    <main className="ss-sign-in">
      <div className="ss-sign-in-card ss-factor-card">
        <div className="ss-sign-in-brand">
          <Logo size={36} />
          <span>{text.product}</span>
        </div>
        <h1>{words.title}</h1>
        {codesFor === null ? body() : <NewRecoveryCodes onDone={() => onSignedIn(codesFor)} />}
      </div>
    </main>
  );

  function body(): ReactNode {
    if (question.error !== null && !question.isFetching) {
      const error = toApiError(question.error);
      if (error.signedOut) return <Ended />;
      return <Failed title={words.failed} error={error} retry={() => void question.refetch()} />;
    }
    if (question.data === undefined) return <Loading rows={3} height={44} />;
    return <Ask question={question.data} onDone={done} onEnrolled={({ returnTo }) => setCodesFor(returnTo ?? '/')} />;
  }

  function done({ returnTo, enrol }: FactorResult): void {
    if (enrol.length > 0) void question.refetch();
    else onSignedIn(returnTo ?? '/');
  }
}

interface AskProps {
  readonly question: FactorQuestion;
  readonly onDone: (result: FactorResult) => void;
  readonly onEnrolled: (result: FactorResult) => void;
}

function Ask({ question, onDone, onEnrolled }: AskProps) {
  const { person, methods, enrol, waiting } = question;
  if (!waiting) return <Ended />;
  if (methods.length > 0)
    return (
      <>
        <p className="ss-sign-in-lead">{words.prove(person)}</p>
        <FactorForm methods={methods} onDone={onDone} />
      </>
    );
  if (enrol.length === 0)
    return (
      <Message title={words.impossibleTitle} role="alert" tone="bad">
        <p>{words.impossibleText}</p>
      </Message>
    );
  return (
    <>
      <p className="ss-sign-in-lead">{words.enrol(person)}</p>
      <Enrol methods={enrol} onEnrolled={onEnrolled} />
    </>
  );
}

function Enrol({ methods, onEnrolled }: { readonly methods: FactorQuestion['enrol'] } & Pick<AskProps, 'onEnrolled'>) {
  const [chosen, setChosen] = useState(methods[0]);
  return (
    <div className="ss-form">
      {chosen === 'Totp' ? <EnrolTotp onDone={onEnrolled} /> : <EnrolPasskey onDone={onEnrolled} />}
      {methods
        .filter((method) => method !== chosen)
        .map((method) => (
          <Button key={method} variant="subtle" onClick={() => setChosen(method)}>
            {method === 'Totp' ? text.factors.addTotp : text.factors.addPasskey}
          </Button>
        ))}
    </div>
  );
}

function Ended() {
  return (
    <Message
      title={words.endedTitle}
      actions={
        <Button component="a" href="/auth/sign-in?returnTo=%2F">
          {words.again}
        </Button>
      }
    >
      <p>{words.endedText}</p>
    </Message>
  );
}
