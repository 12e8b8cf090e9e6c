// The policy of one session, and what the audit says of it.
import { createKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { SessionRules } from '../../schemas/kinds/policies/session-rules.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { type AuditRow, databaseOf } from './audit.ts';
import type { Servers } from './servers.ts';
import { eventually } from './wait.ts';

const NAMESPACE = 'team-web';

/** Of one session, by its name; resolves when it is in force. */
export async function sharingPolicy(
  servers: Servers,
  session: string,
  sharing: NonNullable<SessionRules['sharing']>,
): Promise<AsyncDisposable> {
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const metadata = { name: session, namespace: NAMESPACE };
  const spec = { targets: { cel: `session.metadata.name == "${session}"` }, sharing };
  const body = JSON.stringify({ apiVersion: API_GROUP_VERSION, kind: 'SessionPolicy', metadata, spec });
  await client.apply(RESOURCES.sessionPolicies, NAMESPACE, session, body, { fieldManager: 'test', force: true });
  await eventually('the policy is in force', async () => {
    const { status } = await client.get<Session>(RESOURCES.sessions, NAMESPACE, session);
    const merged: Record<string, unknown> = status?.effectivePolicy?.sharing ?? {};
    return Object.entries(sharing).every(([key, value]) => JSON.stringify(merged[key]) === JSON.stringify(value));
  });
  return {
    [Symbol.asyncDispose]: async () => {
      await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
      await client.delete(RESOURCES.sessionPolicies, NAMESPACE, session);
    },
  };
}

/** Written behind the answer: `count` is how many have to come. */
export function sharingEvents(servers: Servers, session: string, type: string, count = 1): Promise<readonly AuditRow[]> {
  return eventually(`${count} ${type} of ${session}`, async () => {
    await using db = databaseOf(servers);
    const rows = await db.query<AuditRow & Record<string, unknown>>(
      'select type, actor, result, object, source_address, details from audit_events where object = $1 and type = $2 order by seq limit 50',
      [`Session/${NAMESPACE}/${session}`, type],
    );
    return rows.length >= count && rows;
  });
}
