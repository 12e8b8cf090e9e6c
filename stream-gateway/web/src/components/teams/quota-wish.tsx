// "More until ...": an override of a quota of the team, with its end and reason. It opens a change request.
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { LIMIT_NAMES, type LimitName } from '../../../../../schemas/kinds/quota.ts';
import { API_GROUP_VERSION } from '../../../../../schemas/names.ts';
import type { TeamDetail } from '../../api/access/teams-api.ts';
import { useEditable } from '../../api/git/change-queries.ts';
import { moreQuota, overrideOf } from '../../model/git/more-quota.ts';
import { untilOf } from '../../model/git/until.ts';
import { dayAndTime } from '../../model/time.ts';
import { text } from '../../text/text.ts';
import { AskChange } from '../changes/ask-change.tsx';
import { UntilField } from '../changes/until-field.tsx';
import { QueryState } from '../ui/query-state.tsx';
import { useNow } from '../ui/use-now.ts';
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
  const { quotas, onClose } = props;
  const [chosen, setChosen] = useState(0);
  const quota = quotas[chosen];
  if (quota === undefined) return null;
  const choice = (
    <NativeSelect
      label={words.quota}
      value={String(chosen)}
      data={quotas.map(({ namespace, name }, index) => ({ value: String(index), label: `${namespace}/${name}` }))}
      onChange={(event) => setChosen(Number(event.currentTarget.value))}
    />
  );
  return <WishOf key={chosen} team={props.team} quota={quota} choice={choice} onClose={onClose} />;
}

function WishOf(props: {
  readonly team: TeamDetail;
  readonly quota: Policy;
  readonly choice: ReactNode;
  readonly onClose: () => void;
}) {
  const { team, quota, choice } = props;
  const { kind, namespace, name, origin } = quota;
  const query = useEditable({ kind, namespace, name });
  const now = useNow(10_000);
  const [limit, setLimit] = useState<LimitName>('sessionsRunning');
  const [amount, setAmount] = useState('');
  const [until, setUntil] = useState('');
  const asked = amountOf(limit, amount.trim());
  const spec = query.data?.spec;
  const wish =
    asked === undefined ? undefined : { team: team.name, limit, amount: asked, until: untilOf(until, now) ?? undefined };
  const changes = spec === undefined || wish === undefined ? [] : moreQuota(spec, wish, now);
  const endsAt = spec === undefined ? undefined : overrideOf(spec, team.name, now)?.['expiresAt'];
  const object = { apiVersion: API_GROUP_VERSION, kind, namespace, name };
  return (
    <AskChange
      where={{ namespace, gitSync: origin?.gitSync ?? '' }}
      title={words.moreQuota}
      edits={changes.length === 0 ? null : [{ action: 'Patch', object, changes: [...changes] }]}
      until={until}
      onClose={props.onClose}
    >
      {choice}
      <QueryState query={query} failed={words.objectFailed} forbidden={{ why: words.objectFailed, who: '' }} rows={3} height={56}>
        {() => (
          <>
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
            <UntilField value={until} onChange={setUntil} />
            {typeof endsAt === 'string' ? <p className="ss-note">{words.endsAnyway(dayAndTime(Date.parse(endsAt)))}</p> : null}
          </>
        )}
      </QueryState>
    </AskChange>
  );
}

/** Undefined: it is none. */
function amountOf(limit: LimitName, amount: string): string | number | undefined {
  if (WHOLE.includes(limit)) return /^\d{1,6}$/.test(amount) ? Number(amount) : undefined;
  return /^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.test(amount) ? amount : undefined;
}
