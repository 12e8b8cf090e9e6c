// What is done past StreamSpace, with kubectl, in our audit log: by the file that the API server writes, and by its webhook.
import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, inject, test } from 'vitest';
import { apiAs, runningSession } from '../support/api.ts';
import { type AuditRow, auditAbout, auditOf } from '../support/audit.ts';
import { auditLinesAbout } from '../support/audit-log.ts';
import { must } from '../support/command.ts';
import { databaseOf } from '../support/database.ts';
import { FilesApi } from '../support/files-api.ts';
import { KUBECTL, kubectl } from '../support/kubectl.ts';
import { ownGateway } from '../support/own-gateway.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const TOKEN = 'k'.repeat(40);
const named = (prefix: string): string => `${prefix}-${randomBytes(4).toString('hex')}`;

const template = (name: string, title: string): string =>
  JSON.stringify({
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'Template',
    metadata: { name, namespace: 'team-web' },
    spec: { displayName: title, image: 'example.com/none:1' },
  });

/** Until the log says this much about an object. */
async function changesOf(object: string, count: number): Promise<readonly AuditRow[]> {
  return await eventually(`${count} changes of ${object}`, async () => {
    const rows = await auditAbout(servers, object, 'object.changed');
    return rows.length >= count && rows;
  });
}

test('a template that somebody makes, changes and deletes with kubectl is told with the name, the client, and what changed', async () => {
  const name = named('past');
  await kubectl(servers, ['create', '-f', '-'], template(name, 'Before'));
  await kubectl(servers, [
    ...['--as=streamspace:user:ann', '--as-group=system:masters', '-n', 'team-web', 'patch', 'template', name, '--type=merge'],
    ...['-p', '{"spec":{"displayName":"After"}}'],
  ]);
  await kubectl(servers, ['-n', 'team-web', 'delete', 'template', name]);
  const rows = await changesOf(`Template/team-web/${name}`, 3);
  expect(rows.map(({ details }) => details?.['verb'])).toEqual(['create', 'patch', 'delete']);
  expect(rows[1]).toMatchObject({
    actor: 'streamspace-admin',
    result: 'success',
    source_address: '127.0.0.1',
    details: { origin: 'kubernetes', onBehalfOf: 'ann', code: 200, userAgent: expect.stringMatching(/^kubectl/) },
  });
  expect(JSON.parse(String(rows[1]?.details?.['diff']))).toEqual([
    { path: 'spec.displayName', before: 'Before', after: 'After' },
  ]);
});

test('what the API server refuses is told as refused, with the name of whoever tried', async () => {
  const name = named('kept');
  await kubectl(servers, ['create', '-f', '-'], template(name, 'Stays'));
  const token = (await kubectl(servers, ['-n', 'team-web', 'create', 'token', 'default'])).trim();
  const server = (await kubectl(servers, ['config', 'view', '-o', 'jsonpath={.clusters[0].cluster.server}'])).trim();
  const args = ['--server', server, '--insecure-skip-tls-verify', '--token', token, '-n', 'team-web', 'delete', 'template', name];
  await expect(must(KUBECTL, ['--kubeconfig=/dev/null', ...args])).rejects.toThrow(/orbidden/);
  const rows = await changesOf(`Template/team-web/${name}`, 2);
  expect(rows[1]).toMatchObject({
    ...{ actor: 'system:serviceaccount:team-web:default', result: 'refused' },
    details: { verb: 'delete', code: 403, message: expect.stringContaining('cannot delete') },
  });
  await kubectl(servers, ['-n', 'team-web', 'delete', 'template', name]);
});

test('a command in the container of a desktop past StreamSpace is told while it runs; a console and a transfer of files are not told twice', async () => {
  const name = named('entered');
  await using _session = await runningSession(servers, name, 'member');
  const pod = `Pod/team-web/${name}-0`;
  expect((await new FilesApi(servers, 'member', name).makeFolder('made')).status).toBeLessThan(300);
  // Longer than it takes to be told of it.
  const command = kubectl(servers, ['-n', 'team-web', 'exec', `${name}-0`, '--', 'sh', '-c', 'sleep 5; ls']);
  const [told, ...more] = await eventually('it is told', async () => {
    const rows = await auditAbout(servers, pod, 'pod.entered');
    return rows.length > 0 && rows;
  });
  expect(await command).toContain('made\n');
  expect(more).toEqual([]);
  expect(told).toMatchObject({
    ...{ actor: 'streamspace-admin', result: 'success' },
    details: { origin: 'kubernetes', verb: 'exec', command: 'sh -c sleep 5; ls', userAgent: expect.stringMatching(/^kubectl/) },
  });
  await kubectl(servers, ['-n', 'team-web', 'exec', `${name}-0`, '--', 'true']);
  const rows = await eventually('the next one is told', async () => {
    const each = await auditAbout(servers, pod, 'pod.entered');
    return each.length > 1 && each;
  });
  expect(rows.map(({ details }) => details?.['command'])).toEqual(['sh -c sleep 5; ls', 'true']);
});

test('of a Secret it is told who, and never what, not in the database and not on disk', async () => {
  const [name, value] = [named('hidden'), `planted${randomBytes(12).toString('hex')}`];
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'team-web' }, stringData: { value } };
  await kubectl(servers, ['apply', '-f', '-'], JSON.stringify(secret));
  await kubectl(servers, ['apply', '-f', '-'], JSON.stringify({ ...secret, stringData: { value: `${value}2` } }));
  await kubectl(servers, ['-n', 'team-web', 'delete', 'secret', name]);
  const rows = await changesOf(`Secret/team-web/${name}`, 3);
  expect(rows.every(({ details }) => details?.['diff'] === undefined)).toBe(true);
  await using db = databaseOf(servers);
  const base64 = Buffer.from(value).toString('base64').slice(0, 24);
  const found = await db.query('select seq from audit_events where details::text like any($1) limit 1', [
    [`%${value}%`, `%${base64}%`],
  ]);
  expect(found).toEqual([]);
});

test('P-02-2 what a person does through the API has its one event, and the log of the API server has its id', async () => {
  const name = named('once');
  const requestId = randomUUID();
  const path = '/namespaces/team-web/sessions';
  const body = { metadata: { name }, spec: { template: 'terminal' } };
  const created = await apiAs(servers, 'member').send('POST', path, body, { 'X-Request-Id': requestId });
  expect(created.status).toBe(201);
  const lines = await auditLinesAbout(requestId, servers.auditLog ?? '');
  expect(lines.map((line) => (JSON.parse(line) as { verb: string }).verb)).toContain('create');
  await apiAs(servers, 'member').send('DELETE', `${path}/${name}`);
  // Whatever of it came was read before this one.
  const after = named('after');
  await kubectl(servers, ['create', '-f', '-'], template(after, 'After'));
  await changesOf(`Template/team-web/${after}`, 1);
  await kubectl(servers, ['-n', 'team-web', 'delete', 'template', after]);
  expect(await auditAbout(servers, `Session/team-web/${name}`, 'object.changed')).toEqual([]);
  expect((await auditOf(servers, requestId)).map(({ type }) => type)).toEqual(['session.created']);
});

test('the webhook takes what the API server sends once, however often it comes, and from nobody without the token', async () => {
  await using gateway = await ownGateway(servers, [`--kubernetes-audit-token=${TOKEN}`]);
  const name = named('hooked');
  const [line] = (await readFile(servers.auditLog ?? '', 'utf8')).split('\n').filter((each) => each.includes('"templates"'));
  const objectRef = { resource: 'templates', namespace: 'team-web', name, apiGroup: 'streamspace.io' };
  const change = { verb: 'patch', responseStatus: { code: 200 }, user: { username: 'ann' }, stage: 'ResponseComplete' };
  const event = {
    ...(JSON.parse(line ?? '{}') as object),
    ...change,
    objectRef,
    auditID: randomUUID(),
    requestURI: `/x/${name}`,
  };
  const send = (token: string, body: unknown) =>
    fetch(`${gateway.servers.url}/hooks/kubernetes-audit`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const list = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items: [event, event] };
  expect((await send(TOKEN, list)).status).toBe(204);
  expect((await send(TOKEN, list)).status).toBe(204);
  const rows = await auditAbout(servers, `Template/team-web/${name}`);
  expect(rows.map(({ type, actor }) => [type, actor])).toEqual([['object.changed', 'ann']]);
  const refused = await send(`${TOKEN}x`, { ...list, items: [{ ...event, auditID: randomUUID() }] });
  expect(refused.status).toBe(401);
  const { requestId } = (await refused.json()) as { requestId: string };
  expect((await auditOf(servers, requestId)).map(({ type, result }) => [type, result])).toEqual([['request.refused', 'refused']]);
  expect(await auditAbout(servers, `Template/team-web/${name}`)).toHaveLength(1);
  expect((await send(TOKEN, { kind: 'List' })).status).toBe(400);
});

test('an AuditPolicy decides what is kept, and what is blacked out, within seconds; the API server takes none that leaves out sign-ins', async () => {
  const [policy, name] = [named('policy'), named('judged')];
  const object = (rules: object[]) =>
    JSON.stringify({
      apiVersion: 'streamspace.io/v1alpha1',
      kind: 'AuditPolicy',
      metadata: { name: policy },
      spec: { rules, redact: [{ field: 'spec.displayName' }, { pattern: 'case-[0-9]+' }] },
    });
  const none = [{ match: { types: ['signin.*'] }, level: 'None' }];
  await expect(kubectl(servers, ['create', '-f', '-'], object(none))).rejects.toThrow(/always kept/);
  await kubectl(servers, ['create', '-f', '-'], object([{ match: { kinds: ['Template'] }, level: 'Full' }]));
  try {
    await kubectl(servers, ['create', '-f', '-'], template(name, 'First'));
    let number = 1;
    const row = await eventually('the policy is in force', async () => {
      number += 1;
      const patch = { metadata: { annotations: { note: `of case-${number} here` } }, spec: { displayName: `Title ${number}` } };
      await kubectl(servers, ['-n', 'team-web', 'patch', 'template', name, '--type=merge', '-p', JSON.stringify(patch)]);
      const last = (await changesOf(`Template/team-web/${name}`, number)).at(-1);
      return last?.details?.['after'] !== undefined && last;
    });
    expect(row.details?.['after']).toContain('of [redacted] here');
    expect(JSON.parse(String(row.details?.['diff']))).toContainEqual({
      ...{ path: 'spec.displayName', before: '[redacted]', after: '[redacted]' },
    });
    expect(JSON.stringify(row)).not.toContain(`Title ${number}`);
  } finally {
    await kubectl(servers, ['delete', 'auditpolicy', policy]);
    await kubectl(servers, ['-n', 'team-web', 'delete', 'template', name, '--ignore-not-found']);
  }
});
