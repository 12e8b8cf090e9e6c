// Where I am signed in: which browser, from where, since when; end one, or all others.
import { Badge, Button } from '@mantine/core';
import { IconDevices } from '@tabler/icons-react';
import { useState } from 'react';
import type { SignInView } from '../../../../../schemas/api/people.ts';
import { useEndSignIns, useSignIns } from '../../api/access/people-queries.ts';
import { toApiError } from '../../api/problem.ts';
import { text } from '../../text/text.ts';
import { notifyDone, notifyFailed } from '../shell/notify.ts';
import { Ago } from '../ui/ago.tsx';
import { ConfirmDestroy } from '../ui/confirm-destroy.tsx';
import { Section } from '../ui/page.tsx';
import { Failed, Loading, Message } from '../ui/states.tsx';

const words = text.people.signIns;

export function SignIns() {
  const signIns = useSignIns();
  const end = useEndSignIns();
  const [asking, setAsking] = useState(false);
  const others = signIns.data?.some(({ current }) => !current) === true;
  return (
    <Section
      title={words.title}
      note={words.text}
      actions={
        others ? (
          <Button size="xs" variant="default" onClick={() => setAsking(true)}>
            {words.endOthers}
          </Button>
        ) : null
      }
    >
      {signIns.isPending ? (
        <Loading rows={2} height={44} />
      ) : signIns.isError ? (
        <Failed title={words.failed} error={toApiError(signIns.error)} retry={() => void signIns.refetch()} />
      ) : signIns.data.length === 0 ? (
        <Message icon={IconDevices} title={words.empty}>
          <p>{words.emptyText}</p>
        </Message>
      ) : (
        <SignInTable
          signIns={signIns.data}
          onEnd={(signIn) =>
            end.mutate(signIn, {
              onSuccess: () => notifyDone(words.ended),
              onError: (error) => notifyFailed(words.end, error),
            })
          }
        />
      )}
      <ConfirmDestroy
        opened={asking}
        title={words.endOthersTitle}
        explanation={words.endOthersText}
        name={null}
        verb={words.endOthers}
        busy={end.isPending}
        onClose={() => setAsking(false)}
        onConfirm={() =>
          end.mutate('others', {
            onSuccess: () => notifyDone(words.othersEnded),
            onError: (error) => notifyFailed(words.endOthers, error),
            onSettled: () => setAsking(false),
          })
        }
      />
    </Section>
  );
}

/** @param onEnd left out: they are only shown */
export function SignInTable(props: { readonly signIns: readonly SignInView[]; readonly onEnd?: (signIn: SignInView) => void }) {
  const { signIns, onEnd } = props;
  const { columns } = words;
  return (
    <table className="ss-table">
      <thead>
        <tr>
          <th scope="col">{columns.browser}</th>
          <th scope="col">{columns.address}</th>
          <th scope="col">{columns.since}</th>
          <th scope="col">{columns.lastSeen}</th>
          {onEnd === undefined ? null : (
            <th scope="col">
              <span className="ss-hidden">{words.end}</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {signIns.map((signIn) => (
          <tr key={signIn.id}>
            <th scope="row">
              {signIn.browser ?? words.unknown}{' '}
              {signIn.current ? (
                <Badge size="sm" variant="light" tt="none">
                  {words.current}
                </Badge>
              ) : null}
            </th>
            <td data-label={columns.address}>{signIn.address ?? '–'}</td>
            <td data-label={columns.since}>
              <Ago at={signIn.since} />
            </td>
            <td data-label={columns.lastSeen}>
              <Ago at={signIn.lastSeenAt} />
            </td>
            {onEnd === undefined ? null : (
              <td className="ss-cell-actions">
                {signIn.current ? null : (
                  <Button
                    size="xs"
                    variant="subtle"
                    color="red"
                    aria-label={words.endNamed(signIn.browser ?? words.unknown, signIn.address ?? '–')}
                    onClick={() => onEnd(signIn)}
                  >
                    {words.end}
                  </Button>
                )}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
