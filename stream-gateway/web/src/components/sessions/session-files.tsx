// The files of a session on its page, for who may control it.
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { phaseOf } from '../../model/sessions/phases.ts';
import { text } from '../../text/text.ts';
import { FilesBrowser } from '../files/files-browser.tsx';
import { useTransfers } from '../files/use-transfers.ts';
import { Section } from '../ui/page.tsx';

export function SessionFiles({ session }: { readonly session: SessionView }) {
  const { namespace = '', name } = session.metadata;
  const used = useTransfers({ namespace, name });
  if (!session.may.control) return null;
  return (
    <Section title={text.files.title}>
      {phaseOf(session) === 'Running' ? (
        <FilesBrowser session={{ namespace, name }} policy={session.status?.effectivePolicy} used={used} />
      ) : (
        <p className="ss-note">{text.files.notRunning}</p>
      )}
    </Section>
  );
}
