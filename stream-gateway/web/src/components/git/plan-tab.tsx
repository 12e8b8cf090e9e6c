// The last plan in full, and what stops it.
import type { GitSyncView } from '../../../../../schemas/api/api.ts';
import { text } from '../../text/text.ts';
import { Section } from '../ui/page.tsx';
import { PlanNote, PlanView } from './plan-view.tsx';
import { Problems } from './problems.tsx';
import { useSourceAddress } from './use-source-address.ts';

export function PlanTab({ sync: { status } }: { readonly sync: GitSyncView }) {
  const [{ action = null }, change] = useSourceAddress();
  const { git } = text;
  return (
    <>
      <Problems problems={status?.problems ?? []} />
      <Section title={git.plan} note={status?.plan === undefined ? undefined : <PlanNote plan={status.plan} />}>
        {status?.plan === undefined ? (
          <p className="ss-note">{git.noPlan}</p>
        ) : (
          <PlanView plan={status.plan} action={action} onAction={(next) => change({ action: next ?? undefined })} />
        )}
      </Section>
    </>
  );
}
