// API keys of a person as a table; what else can be done with each is up to where it stands.
import { IconClock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { type ApiKeyView, expiresWithin } from '../../../../../schemas/api/api-keys.ts';
import { relativeTime } from '../../model/time.ts';
import { text } from '../../text/text.ts';
import { Ago } from '../ui/ago.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { useNow } from '../ui/use-now.ts';
import { mayOf } from './key-scopes.ts';

interface KeyTableProps {
  readonly keys: readonly ApiKeyView[];
  /** In a column of its own; `name` is for those who cannot see that it has no title. */
  readonly action?: { readonly name: string; readonly of: (key: ApiKeyView) => ReactNode };
}

export function KeyTable({ keys, action }: KeyTableProps) {
  const now = useNow(10_000);
  const { columns, ...account } = text.account;
  return (
    <table className="ss-table">
      <thead>
        <tr>
          <th scope="col">{columns.name}</th>
          <th scope="col">{columns.prefix}</th>
          <th scope="col">{columns.may}</th>
          <th scope="col">{columns.lastUsed}</th>
          <th scope="col">{columns.expires}</th>
          {action === undefined ? null : (
            <th scope="col">
              <span className="ss-hidden">{action.name}</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <tr key={key.id}>
            <th scope="row">{key.name}</th>
            <td data-label={columns.prefix}>
              <code>{key.prefix}…</code>
            </td>
            <td data-label={columns.may}>{mayOf(key)}</td>
            <td data-label={columns.lastUsed}>{key.lastUsedAt === null ? account.never : <Ago at={key.lastUsedAt} />}</td>
            <td data-label={columns.expires}>
              <Expiry apiKey={key} now={now} />
            </td>
            {action === undefined ? null : <td className="ss-cell-actions">{action.of(key)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A key that ends soon stands out, until another has taken its place. */
function Expiry({ apiKey, now }: { readonly apiKey: ApiKeyView; readonly now: number }) {
  const { account } = text;
  const ends = Date.parse(apiKey.expiresAt);
  if (ends < now) return account.expired;
  if (apiKey.replacedBy !== null)
    return (
      <>
        <Ago at={apiKey.expiresAt} /> <span className="ss-note">{account.replaced}</span>
      </>
    );
  if (expiresWithin(new Date(ends), new Date(now)) === null) return <Ago at={apiKey.expiresAt} />;
  return <StateBadge tone="busy" icon={IconClock} label={account.ends(relativeTime(ends, now))} />;
}
