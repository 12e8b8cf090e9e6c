// The way to the console on the page of a session, for who has the right; or why there is none.
import { Button } from '@mantine/core';
import { IconTerminal2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { phaseOf } from '../../model/sessions/phases.ts';
import { policyName } from '../../model/sessions/session-rules.ts';
import { text } from '../../text/text.ts';
import { Section } from '../ui/page.tsx';

export function SessionConsole({ session }: { readonly session: SessionView }) {
  if (!session.may.exec) return null;
  const { namespace = '', name } = session.metadata;
  const policy = session.status?.effectivePolicy;
  const from = policy?.origins.find(({ field }) => field === 'console.allow')?.from;
  const off = from === undefined ? text.console.offByDefault : text.console.off(policyName(from));
  const content = () => {
    if (policy?.console?.allow !== true) return <p className="ss-note">{off}</p>;
    if (phaseOf(session) !== 'Running') return <p className="ss-note">{text.console.notRunning}</p>;
    return (
      <>
        <p className="ss-note">{text.console.hint}</p>
        <Button
          variant="default"
          leftSection={<IconTerminal2 size={16} stroke={1.8} aria-hidden="true" />}
          renderRoot={(rest) => <Link to="/sessions/$namespace/$name/console" params={{ namespace, name }} {...rest} />}
        >
          {text.console.open}
        </Button>
      </>
    );
  };
  return <Section title={text.console.title}>{content()}</Section>;
}
