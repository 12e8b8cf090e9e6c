// Asks for the second factor again while a request waits for it; then the request is repeated.
import { Button, Modal } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { useGateway } from '../../api/context.tsx';
import { text } from '../../text/text.ts';
import { FactorForm } from './factor-form.tsx';

const words = text.factors;

export function StepUpDialog() {
  const { stepUps } = useGateway().api;
  const need = useSyncExternalStore(stepUps.subscribe, stepUps.current);
  const methods = need?.methods.filter((method) => method !== 'SignIn') ?? [];
  return (
    <Modal
      opened={need !== null}
      onClose={() => stepUps.settle(false)}
      title={words.stepUp.title}
      closeButtonProps={{ 'aria-label': text.close }}
      // Above the dialog that made the request.
      zIndex={400}
    >
      {need === null ? null : (
        <>
          <p className="ss-modal-text">{words.stepUp.for[need.for]}</p>
          {methods.length > 0 ? (
            <FactorForm methods={methods} onDone={() => stepUps.settle(true)} />
          ) : (
            <div className="ss-form">
              <p>{words.stepUp.signIn}</p>
              <Button
                component="a"
                data-autofocus
                href={`/auth/sign-in?fresh=1&returnTo=${encodeURIComponent(location.pathname + location.search)}`}
              >
                {words.signIn.again}
              </Button>
            </div>
          )}
        </>
      )}
    </Modal>
  );
}
