// Consoles against a real API server, kubelet and container: what reaches the shell, what leaves it, and what is left behind.
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { createExec } from '../../runtime/kube/exec/exec.ts';
import { createOpenTerminal } from '../../runtime/kube/exec/exec-terminal.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { SessionRules } from '../../schemas/kinds/policies/session-rules.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { consoleErrorOf } from '../../stream-gateway/console/console-end.ts';
import { apiAs, runningSession, ticketFor, untilPhase } from '../support/api.ts';
import { auditOf } from '../support/audit.ts';
import { askConsole, type ConsoleClient, connectConsole, openConsoleAs } from '../support/console-client.ts';
import { inDesktop } from '../support/desktop.ts';
import { sharingEvents as eventsOf } from '../support/session-rules.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const ID = randomUUID().slice(0, 6);
const NAME = `console-${ID}`;
let session: AsyncDisposable;

/** Of one session, by its name; in force when it resolves. */
async function policyOf(
  name: string,
  kind: 'SessionPolicy' | 'DlpPolicy',
  spec: object,
  holds: (policy: NonNullable<NonNullable<Session['status']>['effectivePolicy']>) => boolean,
): Promise<AsyncDisposable> {
  const resource = kind === 'SessionPolicy' ? RESOURCES.sessionPolicies : RESOURCES.dlpPolicies;
  const own = `${name}-${kind.toLowerCase()}`;
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const metadata = { name: own, namespace: 'team-web' };
  const whole = { targets: { cel: `session.metadata.name == "${name}"` }, ...spec };
  const body = JSON.stringify({ apiVersion: API_GROUP_VERSION, kind, metadata, spec: whole });
  await client.apply(resource, 'team-web', own, body, { fieldManager: 'test', force: true });
  await eventually(`${kind} of ${name} is in force`, async () => {
    const { status } = await client.get<Session>(RESOURCES.sessions, 'team-web', name);
    return status?.effectivePolicy !== undefined && holds(status.effectivePolicy);
  });
  return {
    [Symbol.asyncDispose]: async () => {
      await using closing = createKubeClient({ kubeconfig: servers.kubeconfig });
      await closing.delete(resource, 'team-web', own);
      // The next test begins without it.
      await eventually(`${kind} of ${name} is in force no more`, async () => {
        const session = await closing.find<Session>(RESOURCES.sessions, 'team-web', name);
        const { policies = [] } = session?.status?.effectivePolicy ?? {};
        return policies.every((policy) => policy.name !== own);
      });
    },
  };
}

const consolePolicy = (name: string, rules: NonNullable<SessionRules['console']>): Promise<AsyncDisposable> =>
  policyOf(name, 'SessionPolicy', { console: rules }, ({ console: shell }) =>
    Object.entries(rules).every(([key, value]) => shell?.[key as keyof typeof shell] === value),
  );

/** Processes of the desktop whose command line fits, as ids. */
async function processes(pattern: string, name = NAME): Promise<readonly string[]> {
  const found = await inDesktop(servers, name, `pgrep -f '${pattern}' || true`);
  return found.split('\n').filter((line) => line.trim() !== '');
}

const untilGone = (pattern: string, name = NAME): Promise<true> =>
  eventually(`${pattern} is gone`, async () => (await processes(pattern, name)).length === 0 && true, { timeoutMs: 20_000 });

beforeAll(async () => {
  session = await runningSession(servers, NAME, 'member');
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
});

describe('who may open a console', () => {
  test('P-15-1 nobody without the verb exec, and the refusal is audited', async () => {
    for (const person of ['viewer', 'auditor']) {
      const answer = await askConsole(servers, person, NAME);
      expect([answer.status, answer.body]).toMatchObject([403, { code: 'Forbidden' }]);
      const requestId = answer.headers.get('x-request-id') ?? '';
      expect(await auditOf(servers, requestId)).toMatchObject([
        { type: 'request.refused', actor: person, result: 'refused', object: `Session/team-web/${NAME}` },
      ]);
    }
  });

  test('P-15-1 not the owner either while no policy allows it, and that refusal is audited too', async () => {
    const answer = await askConsole(servers, 'member', NAME);
    expect([answer.status, answer.body]).toMatchObject([403, { code: 'ConsoleOff' }]);
    const requestId = answer.headers.get('x-request-id') ?? '';
    expect(await auditOf(servers, requestId)).toMatchObject([{ type: 'console.refused', actor: 'member', result: 'refused' }]);
  });
});

describe('a console that a policy allows', () => {
  let policy: AsyncDisposable;
  beforeAll(async () => {
    policy = await consolePolicy(NAME, { allow: true });
  });
  afterAll(async () => {
    await policy[Symbol.asyncDispose]();
  });

  test('P-15-1 is open to owner and admin of the team, with a terminal, and the audit says who, where, how long and how much', async () => {
    for (const person of ['member', 'lead']) {
      const opened = await openConsoleAs(servers, person, NAME);
      await opened.run('test -t 0 && echo TERM=$TERM-$((40+2))', /TERM=xterm-256color-42/);
      opened.type('exit 3\r');
      expect(await opened.told('exited')).toEqual({ type: 'exited', exitCode: 3 });
      expect(await opened.closed).toEqual({ code: 1000, reason: '' });
    }
    const closed = await eventsOf(servers, NAME, 'console.closed', 2);
    expect(closed.map(({ actor }) => actor)).toEqual(['member', 'lead']);
    expect(closed[0]).toMatchObject({
      result: 'success',
      details: { code: null, durationMs: expect.any(Number), bytesToBrowser: expect.any(Number), processesEnded: true },
    });
    expect(await eventsOf(servers, NAME, 'console.opened', 2)).toMatchObject([
      { actor: 'member', details: { container: `team-web/${NAME}-0/desktop`, command: expect.stringContaining('bash') } },
      { actor: 'lead' },
    ]);
  });

  test('P-15-1 takes no ticket of a stream, and a stream none of a console', async () => {
    const stream = await ticketFor(servers, 'member', NAME, 'control');
    const { body } = await askConsole(servers, 'member', NAME);
    await expect(connectConsole(servers, { ...body, ticket: stream.ticket }).closed).rejects.toThrow('HTTP 4');
    await using opened = connectConsole(servers, body);
    await opened.told('opened');
    await expect(connectConsole(servers, body).closed).rejects.toThrow('HTTP 4'); // once
  });

  test('G-68 a storm of resizes reaches the program as few, the last of them for sure', async () => {
    await using opened = await openConsoleAs(servers, 'member', NAME);
    await opened.run("trap 'count=$((count+1))' WINCH; echo ready-$((1+1))", /ready-2/);
    for (let columns = 20; columns < 1_000; columns += 1) opened.tell({ type: 'resize', columns, rows: 30 });
    opened.tell({ type: 'resize', columns: 133, rows: 44 });
    await eventually('the size is that of the last', async () => {
      opened.type('stty size\r');
      return /44 133/.test(opened.output);
    });
    const shown = await opened.run('echo winches=$count.', /winches=\d+\./);
    expect(Number(/winches=(\d+)\./.exec(shown)?.[1])).toBeLessThan(30);
  });

  test('G-68 10 MB/s of output wait for a slow page, the program with them, and input still arrives', async () => {
    await using opened = await openConsoleAs(servers, 'member', NAME);
    await opened.run('echo begin-$((1+1))', /begin-2/);
    opened.acknowledges = false;
    opened.type(`yes ${'x'.repeat(70)}-flood\r`);
    let before = -1;
    await eventually(
      'nothing more comes',
      async () => {
        const same = opened.receivedBytes === before && before > 100_000;
        before = opened.receivedBytes;
        return same;
      },
      { everyMs: 1_000 },
    );
    // The window of 512 KiB and what was on its way when the gateway stopped to read.
    expect(opened.receivedBytes).toBeLessThan(1024 * 1024);
    const written = async (): Promise<string> =>
      await inDesktop(servers, NAME, 'cat /proc/$(pgrep -f "[-]flood" | head -1)/io | grep wchar');
    // Blocked, and not only held back by us: what lies between fills up first.
    await eventually('the program waits', async () => {
      const first = await written();
      return first === (await written());
    });
    expect(opened.receivedBytes).toBeLessThan(1024 * 1024);
    opened.type('\u0003');
    await untilGone('[-]flood');
  });

  test('G-68 a page that takes what comes gets all of it, in order', async () => {
    await using opened = await openConsoleAs(servers, 'member', NAME);
    await opened.run('stty -echo; seq 1 400000 | tail -c 2000000 | md5sum; seq 1 400000; echo end-$((1+1))', /end-2/);
    const lines = opened.output.split('\r\n');
    const last = lines.lastIndexOf('400000');
    expect(lines.slice(last - 20_000, last + 1)).toEqual(Array.from({ length: 20_001 }, (_, at) => String(380_000 + at)));
  });

  test('G-68 the end of the page ends the shell and what runs in it, also what hears no HUP and what waits to write', async () => {
    for (const command of ["trap '' HUP; sleep 7001", 'sleep 7001 & sleep 7001', 'yes 7001-$((sleep))']) {
      const opened = await openConsoleAs(servers, 'member', NAME);
      await opened.run('echo shell-$((1+1))', /shell-2/);
      opened.acknowledges = false;
      opened.type(`${command}\r`);
      await eventually('it runs', async () => (await processes('[7]001')).length > 0);
      opened.cut();
      await untilGone('[7]001');
      await untilGone('^bash -l$');
    }
    const closed = await eventsOf(servers, NAME, 'console.closed', 6);
    expect(closed.at(-1)).toMatchObject({ details: { code: null, processesEnded: true } });
  });

  test('G-68 stdin can be closed: a program that reads sees its end', async () => {
    const kubeconfig = servers.kubeconfig;
    let output = '';
    const target = { namespace: 'team-web', pod: `${NAME}-0`, container: 'desktop' };
    const open = createOpenTerminal(kubeconfig);
    const terminal = await open({
      ...target,
      command: ['sh', '-c', 'stty -echo; cat; echo over-$((1+1))'],
      onOutput: (chunk) => {
        output += chunk.toString();
      },
    });
    terminal.write(Buffer.from('line\n\u0004'));
    expect(await terminal.ended).toBe(0);
    expect(output).toContain('over-2');
    let read = '';
    const { exitCode } = await createExec(kubeconfig)({
      ...{ ...target, command: ['sh', '-c', 'cat; echo closed'], signal: AbortSignal.timeout(20_000) },
      stdin: (async function* () {
        yield Buffer.from('all ');
      })(),
      onOutput: (chunk) => {
        read += chunk.toString();
      },
    });
    expect([exitCode, read]).toEqual([0, 'all closed\n']);
  });

  test('G-68 a container or pod that does not exist is told with a code', async () => {
    const open = createOpenTerminal(servers.kubeconfig);
    const codeOf = async (pod: string, container: string): Promise<string> => {
      const target = { namespace: 'team-web', pod, container, command: ['sh'], onOutput: () => undefined };
      return await (await open(target)).ended.then(
        () => 'none',
        (error: unknown) => consoleErrorOf(error).code,
      );
    };
    expect(await codeOf(`${NAME}-9`, 'desktop')).toBe('ContainerNotFound');
    expect(await codeOf(`${NAME}-0`, 'nothing')).toBe('ContainerNotFound');
    expect((await askConsole(servers, 'lead', 'nobody-has-this')).body).toMatchObject({ code: 'NotFound' });
  });

  describe('and the clipboard', () => {
    const secret = `secret-${ID}`;
    const setClipboard = (text: string): string =>
      `printf '\\033]52;c;%s\\007' "$(printf %s ${text} | base64)"; echo done-$((1+1))`;
    const clipboard = (rules: object): Promise<AsyncDisposable> =>
      policyOf(NAME, 'DlpPolicy', { clipboard: rules }, ({ dlp }) =>
        Object.entries(rules).every(([key, value]) => dlp.clipboard[key as 'up' | 'down'] === value),
      );

    test('G-68 OSC 52 passes where the policy lets clipboards out, and the audit has its size and hash', async () => {
      await using opened = await openConsoleAs(servers, 'member', NAME);
      await opened.run(setClipboard(secret), /done-2/);
      expect(opened.output).toContain(`\u001b]52;c;${Buffer.from(secret).toString('base64')}\u0007`);
      const [passed] = await eventsOf(servers, NAME, 'clipboard.passed');
      const sha256 = createHash('sha256').update(secret).digest('hex');
      expect(passed?.details).toMatchObject({ direction: 'Down', bytes: secret.length, sha256, via: 'console' });
    });

    test('G-68 a query of the clipboard is never answered, and does not reach the page', async () => {
      await using opened = await openConsoleAs(servers, 'member', NAME);
      await opened.run("printf '\\033]52;c;?\\007'; echo done-$((1+1))", /done-2/);
      expect(opened.output).not.toContain('\u001b]52');
    });

    test('G-68 OSC 52 is stripped where the policy keeps clipboards in, told and audited; a paste by the other direction', async () => {
      await using _policy = await clipboard({ down: false, up: false });
      await using opened = await openConsoleAs(servers, 'member', NAME);
      await opened.run(setClipboard(secret), /done-2/);
      expect(opened.output).not.toContain('\u001b]52');
      expect(opened.messages).toContainEqual(expect.objectContaining({ type: 'notice', code: 'ClipboardDownOff' }));
      opened.tell({ type: 'paste', text: 'echo pasted-$((1+1))\n', bracketed: false });
      opened.type('\u001b[200~echo bracketed-$((1+1))\r\u001b[201~');
      await opened.run('echo typed-$((1+1))', /typed-2/);
      expect(opened.output).not.toMatch(/pasted|bracketed/);
      const denied = await eventsOf(servers, NAME, 'clipboard.denied', 3);
      expect(denied.map(({ details }) => [details?.['rule'], details?.['via']])).toEqual([
        ['clipboardDownOff', 'console'],
        ['clipboardUpOff', 'console'],
        ['clipboardUpOff', 'console'],
      ]);
    });

    test('G-68 a paste that may go in goes in', async () => {
      await using opened = await openConsoleAs(servers, 'member', NAME);
      opened.tell({ type: 'paste', text: 'echo pasted-$((1+1))\n', bracketed: false });
      await opened.shows(/pasted-2/);
    });
  });

  test('G-68 what is no message of a console ends it with a code', async () => {
    const opened = await openConsoleAs(servers, 'member', NAME);
    opened.tell({ type: 'taken', bytes: 1_000_000_000 });
    expect((await opened.closed).reason).toMatch(/^ConsoleMalformed: /);
  });
});

test('P-15-2 an idle console is warned, stays with who types, and is closed with the reason', async () => {
  await using _policy = await consolePolicy(NAME, { allow: true, idleTimeout: '4s' });
  const opened = await openConsoleAs(servers, 'member', NAME);
  const warning = await opened.told('idle');
  expect(warning).toMatchObject({ endsInMs: expect.any(Number) });
  opened.type('x');
  await opened.told('active');
  // What a terminal answers by itself keeps nobody here.
  const answering = setInterval(() => opened.type('\u001b[1;1R'), 200);
  const { code, reason } = await opened.closed;
  clearInterval(answering);
  expect([code, reason]).toEqual([1009, expect.stringMatching(/^ConsoleIdle: /)]);
  await untilGone('^bash -l$');
});

test('G-68 a policy that takes the console away closes the open ones within 2 s, and no new one opens', async () => {
  const policy = await consolePolicy(NAME, { allow: true });
  const opened = await openConsoleAs(servers, 'member', NAME);
  const { body: ticket } = await askConsole(servers, 'member', NAME);
  const at = performance.now();
  await policy[Symbol.asyncDispose]();
  expect((await opened.closed).reason).toMatch(/^ConsoleOff: /);
  expect(performance.now() - at).toBeLessThan(2_000);
  expect((await connectConsole(servers, ticket).closed).reason).toMatch(/^ConsoleOff: /);
  expect((await eventsOf(servers, NAME, 'console.refused', 2)).at(-1)).toMatchObject({ actor: 'member', result: 'refused' });
});

test('G-68 a container that stops, and a session that sleeps, are told to who has a console open', async () => {
  const name = `${NAME}-stop`;
  await using own = await runningSession(servers, name, 'member');
  await using _policy = await consolePolicy(name, { allow: true });
  const opened = await openConsoleAs(servers, 'member', name);
  await inDesktop(servers, name, 'kill -TERM 1 || true').catch(() => '');
  expect((await opened.closed).reason).toMatch(/^ContainerStopped: /);
  await untilPhase(servers, 'member', name, 'Running');
  const again: ConsoleClient = await eventually('a console opens again', () => openConsoleAs(servers, 'member', name));
  await apiAs(servers, 'member').send('PATCH', own.path, { spec: { desiredState: 'Hibernated' } });
  expect((await again.closed).reason).toMatch(/^SessionNotRunning: .*hibernated/);
});
