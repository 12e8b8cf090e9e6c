// TLS between the gateway and desktops in their pods: ours, one whose template wants none, one of before there was any.
import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import type { Template } from '../../schemas/kinds/template.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { openDesktop, runningSession, untilPhase } from '../support/api.ts';
import { type AuditRow, databaseOf } from '../support/audit.ts';
import { inDesktop } from '../support/desktop.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const NAMESPACE = 'team-web';
const nameOf = (what: string): string => `tls-${randomUUID().slice(0, 6)}-${what}`;

/** Opens a stream as its owner; gives what the audit says of the connection behind it. */
async function securityOf(name: string): Promise<unknown> {
  await using _viewer = await openDesktop(servers, 'member', name);
  const rows = await eventually('the opened stream is in the audit', async () => {
    await using db = databaseOf(servers);
    const found = await db.query<AuditRow & Record<string, unknown>>(
      "select type, actor, result, object, source_address, details from audit_events where object = $1 and type = 'stream.opened' limit 50",
      [`Session/${NAMESPACE}/${name}`],
    );
    return found.length > 0 && found;
  });
  return rows.at(-1)?.details?.['desktopSecurity'];
}

/** How many security types the desktop offers, and which. */
async function offerOf(name: string): Promise<string> {
  const script =
    'exec 3<>/dev/tcp/127.0.0.1/5900; head -c 12 <&3 >/dev/null; printf "RFB 003.008\\n" >&3; head -c 2 <&3 | od -An -tu1';
  return (await inDesktop(servers, name, `bash -c '${script}'`)).trim().replace(/\s+/g, ' ');
}

async function endpointOf(client: OwnedKubeClient, name: string): Promise<unknown> {
  return (await client.get<Session>(RESOURCES.sessions, NAMESPACE, name)).status?.endpoint;
}

test('a session of the catalog is spoken to with TLS and its own certificate, and its desktop offers nothing else', async () => {
  const name = nameOf('own');
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  await using _session = await runningSession(servers, name, 'member');
  expect(await endpointOf(client, name)).toMatchObject({ tls: 'Required' });
  expect(await securityOf(name)).toBe('X509Vnc');
  expect(await offerOf(name)).toBe('1 19');
});

test('a template can do without: its desktop is spoken to in the clear', async () => {
  const name = nameOf('off');
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const terminal = await client.get<Template>(RESOURCES.templates, 'streamspace', 'terminal');
  const template = {
    ...{ apiVersion: API_GROUP_VERSION, kind: 'Template', metadata: { name, namespace: NAMESPACE } },
    spec: { ...terminal.spec, desktop: { ...terminal.spec.desktop, tls: 'Off' } },
  };
  await client.create(RESOURCES.templates, NAMESPACE, JSON.stringify(template));
  try {
    await using _session = await runningSession(servers, name, 'member', name);
    expect(await endpointOf(client, name)).toMatchObject({ tls: 'Off' });
    expect(await securityOf(name)).toBe('VncAuth');
  } finally {
    await client.delete(RESOURCES.templates, NAMESPACE, name);
  }
});

test('a session that was made before there were certificates goes on without one', async () => {
  const name = nameOf('old');
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const session = {
    ...{ apiVersion: API_GROUP_VERSION, kind: 'Session', metadata: { name, namespace: NAMESPACE } },
    spec: { template: 'terminal', owner: 'member', desiredState: 'Hibernated' },
  };
  const { metadata } = await client.create<KubeObjectJson>(RESOURCES.sessions, NAMESPACE, JSON.stringify(session));
  try {
    await untilPhase(servers, 'member', name, 'Hibernated');
    const owner = { apiVersion: API_GROUP_VERSION, kind: 'Session', name, uid: metadata.uid, controller: true };
    const labels = { 'streamspace.io/session': name, 'app.kubernetes.io/managed-by': 'streamspace' };
    const secret = {
      ...{ apiVersion: 'v1', kind: 'Secret', type: 'Opaque', immutable: true },
      metadata: { name: `${name}-vnc`, namespace: NAMESPACE, labels, ownerReferences: [owner] },
      data: { password: Buffer.from('of-old-1').toString('base64') },
    };
    await client.create(RESOURCES.secrets, NAMESPACE, JSON.stringify(secret));
    await client.mergePatch(RESOURCES.sessions, NAMESPACE, name, { spec: { desiredState: 'Running' } });
    await untilPhase(servers, 'member', name, 'Running');
    expect(await securityOf(name)).toBe('VncAuth');
  } finally {
    await client.delete(RESOURCES.sessions, NAMESPACE, name);
  }
});
