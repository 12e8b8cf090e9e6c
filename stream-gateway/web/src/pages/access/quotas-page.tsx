// The quotas that one may read: used, left, overrides, and where each stands in Git.
import { IconGauge } from '@tabler/icons-react';
import { useQuotas } from '../../api/access/quota-queries.ts';
import { useMe } from '../../api/queries.ts';
import { QuotaCard } from '../../components/teams/quota-card.tsx';
import { Page } from '../../components/ui/page.tsx';
import { QueryState } from '../../components/ui/query-state.tsx';
import { Message } from '../../components/ui/states.tsx';
import { text } from '../../text/text.ts';

const words = text.quotas;

export function QuotasPage() {
  const me = useMe();
  const query = useQuotas();
  return (
    <Page title={words.title} lead={words.lead} parent={{ title: text.teams.title, to: '/teams' }}>
      <QueryState
        query={query}
        failed={words.failed}
        forbidden={{ why: words.forbidden, who: text.whoGrants.platform }}
        rows={4}
        height={120}
      >
        {(quotas) =>
          quotas.length === 0 ? (
            <Message icon={IconGauge} title={words.emptyTitle}>
              <p>{me.platformRole === null ? words.emptyText : words.emptyTextAdmin}</p>
            </Message>
          ) : (
            quotas.map((quota) => <QuotaCard key={`${quota.namespace}/${quota.name}`} quota={quota} />)
          )
        }
      </QueryState>
    </Page>
  );
}
