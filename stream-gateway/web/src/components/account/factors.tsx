// My second factors: passkeys, one-time codes, recovery codes.
import { Button, Modal } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FactorsView } from '../../../../../schemas/api/factors.ts';
import { useFactors } from '../../api/account/factor-queries.ts';
import { text } from '../../text/text.ts';
import { EnrolPasskey } from '../factors/enrol-passkey.tsx';
import { EnrolTotp } from '../factors/enrol-totp.tsx';
import { NewRecoveryCodes } from '../factors/recovery-codes.tsx';
import { notifyDone } from '../shell/notify.ts';
import { Section } from '../ui/page.tsx';
import { QueryState } from '../ui/query-state.tsx';
import { Passkeys } from './passkeys.tsx';
import { RecoveryCodes, Totp } from './totp-and-codes.tsx';

const words = text.factors;
type Open = 'passkey' | 'totp' | 'codes' | null;

export function Factors() {
  const query = useFactors();
  return (
    <Section title={words.title} note={words.note}>
      <QueryState
        query={query}
        failed={words.loadFailed}
        forbidden={{ why: words.forbidden, who: text.whoGrants.platform }}
        rows={3}
        height={44}
      >
        {(factors) => (factors.secondFactor === 'Off' ? <p className="ss-note">{words.off}</p> : <Mine factors={factors} />)}
      </QueryState>
    </Section>
  );
}

function Mine({ factors }: { readonly factors: FactorsView }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState<Open>(null);
  const has = factors.passkeys.length > 0 || factors.totp !== null;
  const refresh = () => void queries.invalidateQueries({ queryKey: ['factors'] });
  // The first factor comes with codes that stand for it.
  const enrolled = (done: string) => {
    refresh();
    notifyDone(done);
    setOpen(has ? null : 'codes');
  };
  const titles = { passkey: words.addPasskey, totp: words.addTotp, codes: words.codes };
  return (
    <>
      {factors.required ? <p className="ss-note">{words.required}</p> : null}
      <div className="ss-factor">
        <h3>{words.passkeys}</h3>
        <Passkeys passkeys={factors.passkeys} />
        {factors.offered.includes('Passkey') ? (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden="true" />}
            onClick={() => setOpen('passkey')}
          >
            {words.addPasskey}
          </Button>
        ) : null}
      </div>
      <Totp totp={factors.totp} offered={factors.offered.includes('Totp')} onSetUp={() => setOpen('totp')} />
      <RecoveryCodes left={factors.recoveryCodes} possible={has} onMake={() => setOpen('codes')} />
      <Modal
        opened={open !== null}
        onClose={() => {
          setOpen(null);
          refresh();
        }}
        title={open === null ? '' : titles[open]}
        closeButtonProps={{ 'aria-label': text.close }}
        // A click beside it must not throw codes away.
        closeOnClickOutside={open !== 'codes'}
      >
        {open === 'passkey' ? <EnrolPasskey onDone={(_result, name) => enrolled(words.added(name))} /> : null}
        {open === 'totp' ? <EnrolTotp onDone={() => enrolled(words.totpDone)} /> : null}
        {open === 'codes' ? (
          <NewRecoveryCodes
            onDone={() => {
              setOpen(null);
              refresh();
            }}
          />
        ) : null}
      </Modal>
    </>
  );
}
