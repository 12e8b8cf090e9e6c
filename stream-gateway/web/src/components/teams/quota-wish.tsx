// "More until ...": an override of a quota of the team, with its end and reason. It opens a change request.
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { LIMIT_NAMES, type LimitName } from '../../../../../schemas/kinds/quota.ts';
import type { TeamDetail } from '../../api/access/teams-api.ts';
import type { ChangeCreate } from '../../api/git/changes-api.ts';
import { text } from '../../text/text.ts';
import { AskChange } from '../changes/ask-change.tsx';
import { useAskingAbout } from './member-edits.tsx';

type Policy = NonNullable<TeamDetail['policies']>[number];

const words = text.changes.ask;
/** What is counted in whole numbers; the others are quantities. */
const WHOLE: readonly LimitName[] = ['sessionsRunning', 'sessionsTotal', 'gpu', 'cpuHoursPerMonth'];

/** The quotas of the team itself, and for platform admins those of the platform: asked for where they lie. */
function useQuotas(team: TeamDetail): readonly Policy[] {
  const where = useAskingAbout(team);
  // Overrides of others are for people, or there are none.
  return (team.policies ?? []).filter((policy) => policy.kind === 'Quota' && policy.scope === 'Team' && where(policy) !== null);
}

export function MoreQuota({ team }: { readonly team: TeamDetail }) {
  const quotas = useQuotas(team);
  const [open, setOpen] = useState(false);
  if (quotas.length === 0) return null;
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpen(true)}>
        {words.moreQuota}
      </Button>
      {open ? <Wish team={team} quotas={quotas} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function Wish(props: { readonly team: TeamDetail; readonly quotas: readonly Policy[]; readonly onClose: () => void }) {
  const { team, quotas } = props;
  const [chosen, setChosen] = useState(0);
  const [limit, setLimit] = useState<LimitName>('sessionsRunning');
  const [amount, setAmount] = useState('');
  const [until, setUntil] = useState('');
  const quota = quotas[chosen];
  if (quota?.origin == null) return null;
  const edits = editsOf(team, quota, { limit, amount: amount.trim(), until });
  return (
    <AskChange
      where={{ namespace: quota.namespace, gitSync: quota.origin.gitSync }}
      title={words.moreQuota}
      edits={edits}
      onClose={props.onClose}
    >
      <NativeSelect
        label={words.quota}
        value={String(chosen)}
        data={quotas.map(({ namespace, name }, index) => ({ value: String(index), label: `${namespace}/${name}` }))}
        onChange={(event) => setChosen(Number(event.currentTarget.value))}
      />
      <NativeSelect
        label={words.limit}
        value={limit}
        data={LIMIT_NAMES.map((each) => ({ value: each, label: text.quotas.limits[each] }))}
        onChange={(event) => setLimit(LIMIT_NAMES.find((each) => each === event.currentTarget.value) ?? limit)}
      />
      <TextInput
        label={words.amount}
        description={words.amountHint}
        value={amount}
        maxLength={32}
        autoComplete="off"
        onChange={(event) => setAmount(event.currentTarget.value)}
      />
      <TextInput
        type="date"
        label={words.until}
        description={words.untilHint}
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
      />
    </AskChange>
  );
}

interface Wished {
  readonly limit: LimitName;
  readonly amount: string;
  /** A day, which is part of it; empty: no end. */
  readonly until: string;
}

function editsOf(team: TeamDetail, quota: Policy, { limit, amount, until }: Wished): ChangeCreate['edits'] | null {
  const counted = WHOLE.includes(limit);
  if (counted ? !/^\d{1,6}$/.test(amount) : !/^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.test(amount)) return null;
  const override = {
    subject: { team: team.name },
    limits: { [limit]: counted ? Number(amount) : amount },
    ...(until === '' ? {} : { expiresAt: `${until}T23:59:59Z` }),
    reason: `${limit} ${amount}`,
  };
  const { namespace, name } = quota;
  const object = { apiVersion: 'streamspace.io/v1alpha1', kind: 'Quota', namespace, name };
  return [{ action: 'Patch', object, changes: [{ op: 'Set', path: 'spec.overrides[]', value: JSON.stringify(override) }] }];
}
