// One-time codes and recovery codes of mine: whether there are any, and what can be done.
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { FactorsView } from '../../../../../schemas/api/factors.ts';
import { useRemoveTotp } from '../../api/account/factor-queries.ts';
import { text } from '../../text/text.ts';
import { notifyDone, notifyFailed } from '../shell/notify.ts';
import { Ago } from '../ui/ago.tsx';
import { ConfirmDestroy } from '../ui/confirm-destroy.tsx';

const words = text.factors;

interface TotpProps {
  readonly totp: FactorsView['totp'];
  readonly offered: boolean;
  readonly onSetUp: () => void;
}

export function Totp({ totp, offered, onSetUp }: TotpProps) {
  const remove = useRemoveTotp();
  const [asking, setAsking] = useState(false);
  return (
    <div className="ss-factor">
      <h3>{words.totp}</h3>
      {totp === null ? (
        <p className="ss-note">{words.noTotp}</p>
      ) : (
        <p className="ss-note">
          {words.hasTotp} <Ago at={totp.createdAt} />. {words.columns.lastUsed}:{' '}
          {totp.lastUsedAt === null ? words.never : <Ago at={totp.lastUsedAt} />}
        </p>
      )}
      {totp !== null ? (
        <Button size="xs" variant="subtle" color="red" onClick={() => setAsking(true)} aria-label={words.removeNamed(words.totp)}>
          {words.remove}
        </Button>
      ) : offered ? (
        <Button size="xs" variant="default" onClick={onSetUp}>
          {words.addTotp}
        </Button>
      ) : null}
      <ConfirmDestroy
        opened={asking}
        title={words.removeTitle(words.totp)}
        explanation={words.removeText}
        name={null}
        verb={words.remove}
        busy={remove.isPending}
        onClose={() => setAsking(false)}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => notifyDone(words.removed(words.totp)),
            onError: (error) => notifyFailed(words.removeNamed(words.totp), error),
            onSettled: () => setAsking(false),
          })
        }
      />
    </div>
  );
}

interface CodesProps {
  readonly left: number;
  /** There is a factor that they can stand for. */
  readonly possible: boolean;
  readonly onMake: () => void;
}

export function RecoveryCodes({ left, possible, onMake }: CodesProps) {
  const [asking, setAsking] = useState(false);
  return (
    <div className="ss-factor">
      <h3>{words.codes}</h3>
      <p className="ss-note">{!possible ? words.codesNeedFactor : left === 0 ? words.noCodes : words.codesLeft(left)}</p>
      {possible ? (
        <Button size="xs" variant="default" onClick={() => (left === 0 ? onMake() : setAsking(true))}>
          {left === 0 ? words.makeCodes : words.newCodes}
        </Button>
      ) : null}
      <ConfirmDestroy
        opened={asking}
        title={words.newCodesTitle}
        explanation={words.newCodesText}
        name={null}
        verb={words.newCodes}
        busy={false}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          onMake();
        }}
      />
    </div>
  );
}
