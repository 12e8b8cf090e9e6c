// The health of the installation: coded findings with what to do, and green when nothing is wrong.
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle, IconRefresh } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { HEALTH_PARTS, type HealthFinding, type HealthReport } from '../../../../schemas/api/health.ts';
import { useHealth, useSocketPasses } from '../api/health-queries.ts';
import { useMe } from '../api/queries.ts';
import { Ago } from '../components/ui/ago.tsx';
import { Page, Section } from '../components/ui/page.tsx';
import { QueryState } from '../components/ui/query-state.tsx';
import { StateBadge } from '../components/ui/state-badge.tsx';
import { Forbidden, Message } from '../components/ui/states.tsx';
import { findingsWith } from '../model/desktop/browser-findings.ts';
import { text } from '../text/text.ts';

const words = text.health;
const forbidden = { why: words.forbidden, who: text.whoGrants.platform };

export function HealthPage() {
  const allowed = useMe().may.health;
  return (
    <Page title={words.title} lead={words.lead}>
      {allowed ? <Health /> : <Forbidden {...forbidden} />}
    </Page>
  );
}

function Health() {
  const query = useHealth();
  const socket = useSocketPasses();
  const queries = useQueryClient();
  const looks = query.isFetching || socket.isFetching;
  return (
    <QueryState query={query} failed={words.failed} forbidden={forbidden} rows={4} height={72}>
      {(report) => {
        const findings = findingsWith(report, { origin: location.origin, socketPasses: socket.data });
        return (
          <>
            <div className="ss-health-head">
              <span className="ss-note">
                {words.checkedAt} <Ago at={report.checkedAt} />
              </span>
              <Button
                variant="default"
                leftSection={<IconRefresh size={16} aria-hidden="true" />}
                loading={looks}
                onClick={() => void queries.invalidateQueries({ queryKey: ['health'] })}
              >
                {words.again}
              </Button>
            </div>
            {findings.every(({ severity }) => severity === 'note') ? <Well parts={report.parts.length} /> : null}
            {findings.length === 0 ? null : <Findings findings={findings} />}
            <Looked report={report} findings={findings} />
          </>
        );
      }}
    </QueryState>
  );
}

function Well({ parts }: { readonly parts: number }) {
  return (
    <Message icon={IconCircleCheck} title={words.well} role="status">
      <p>{words.wellText(parts)}</p>
    </Message>
  );
}

function Findings({ findings }: { readonly findings: readonly HealthFinding[] }) {
  return (
    <ul className="ss-findings">
      {findings.map((finding) => (
        <li key={`${finding.code} ${finding.message}`} className="ss-finding" data-severity={finding.severity}>
          <Severity of={finding.severity} />
          <div>
            <p className="ss-finding-message">{finding.message}</p>
            <p>
              <strong>{words.remedy}:</strong> {finding.remedy}
            </p>
            <p className="ss-error-facts">
              {words.parts[finding.part]} · <code>{finding.code}</code>
              {finding.link === null ? null : (
                <>
                  {' · '}
                  <a href={finding.link}>{words.open}</a>
                </>
              )}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

const ICONS = { error: IconAlertTriangle, warning: IconAlertTriangle, note: IconInfoCircle } as const;
const TONES = { error: 'bad', warning: 'busy', note: 'quiet' } as const;

function Severity({ of }: { readonly of: HealthFinding['severity'] }) {
  return <StateBadge tone={TONES[of]} icon={ICONS[of]} label={words.severity[of]} />;
}

function Looked({ report, findings }: { readonly report: HealthReport; readonly findings: readonly HealthFinding[] }) {
  const { columns } = words;
  const took = new Map(report.parts.map(({ part, tookMs }) => [part, tookMs] as const));
  return (
    <Section title={words.looked}>
      <table className="ss-table">
        <thead>
          <tr>
            {Object.values(columns).map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {HEALTH_PARTS.filter((part) => took.has(part)).map((part) => (
            <tr key={part}>
              <th scope="row">{words.parts[part]}</th>
              <td data-label={columns.result}>
                <Result findings={findings.filter((finding) => finding.part === part)} />
              </td>
              <td data-label={columns.took}>{words.milliseconds(took.get(part) ?? 0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function Result({ findings }: { readonly findings: readonly HealthFinding[] }) {
  const worst = findings[0];
  if (worst === undefined) return <StateBadge tone="good" label={words.fine} />;
  return <Severity of={worst.severity} />;
}
