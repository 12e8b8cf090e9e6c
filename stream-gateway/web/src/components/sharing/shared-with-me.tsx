// Desktops that others share with me by name; nothing where there are none.
import { IconUsers } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { toApiError } from '../../api/problem.ts';
import { useSharedSessions } from '../../api/sessions/sharing-queries.ts';
import { text } from '../../text/text.ts';
import { Ago } from '../ui/ago.tsx';
import { Section } from '../ui/page.tsx';
import { Failed } from '../ui/states.tsx';
import '../../styles/sharing.css';

export function SharedWithMe() {
  const shared = useSharedSessions();
  const { sharing } = text;
  if (shared.isError)
    return <Failed title={sharing.failed} error={toApiError(shared.error)} retry={() => void shared.refetch()} />;
  if (shared.isPending || shared.data.length === 0) return null;
  return (
    <Section title={sharing.sharedWithMe}>
      <ul className="ss-share-list">
        {shared.data.map(({ namespace, name, displayName, owner, mode, expiresAt, running }) => (
          <li key={`${namespace}/${name}`}>
            <span aria-hidden="true">
              <IconUsers size={18} />
            </span>
            <div>
              <p>
                {running ? (
                  <Link to="/share/$namespace/$name" params={{ namespace, name }} aria-label={sharing.open(name)}>
                    <strong>{displayName}</strong>
                  </Link>
                ) : (
                  <strong>{displayName}</strong>
                )}{' '}
                {sharing.ownerOf(owner)} · {sharing.modes[mode]}
              </p>
              <p className="ss-note">
                {sharing.ends} <Ago at={expiresAt} />
                {running ? '' : ` · ${sharing.notRunning}`}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
