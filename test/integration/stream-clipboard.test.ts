// Clipboards and keys under a policy, in streams against a desktop that shows what reaches it.
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createLogger } from '../../runtime/log/log.ts';
import { parseStreamNotice, type StreamNotice } from '../../schemas/api/stream-notices.ts';
import type { MergedDlpRules } from '../../schemas/kinds/policies/dlp-rules.ts';
import type { ContentVerdict } from '../../stream-gateway/dlp/clipboard/clip.ts';
import { ReflectedFeed } from '../../stream-gateway/http/live/feed.ts';
import type { SessionJson } from '../../stream-gateway/sessions/kinds-json.ts';
import { followPolicies, SessionPolicies } from '../../stream-gateway/sessions/policies.ts';
import type { ContentToJudge } from '../../stream-gateway/stream/stream-policy.ts';
import { CONFIRM_CONTROL } from '../support/fake-desktop.ts';
import { ALL_EXTENSIONS, type RfbClient } from '../support/rfb-client.ts';
import { limited, OPEN_RULES } from '../support/stream-server.ts';
import { closedEvent, isSetUp, REQUEST, type StreamWorld, streamWorld } from '../support/stream-world.ts';

const s32 = (value: number): number[] => [(value >> 24) & 0xff, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff];
const cutText = (text: string, type = 6): Buffer =>
  Buffer.concat([Buffer.from([type, 0, 0, 0, ...s32(text.length)]), Buffer.from(text, 'latin1')]);
const extended = (payload: Buffer, type = 6): Buffer =>
  Buffer.concat([Buffer.from([type, 0, 0, 0, ...s32(-payload.length)]), payload]);
const flags = (action: number, formats: number): Buffer => Buffer.from([action, 0, 0, formats]);
const [CAPS, REQUESTS, NOTIFY, PROVIDE] = [0x01, 0x02, 0x08, 0x10];
const provide = (text: string): Buffer => {
  const bytes = Buffer.from(`${text}\0`);
  return Buffer.concat([flags(PROVIDE, 1), deflateSync(Buffer.concat([Buffer.from(s32(bytes.length)), bytes]))]);
};
const KEY = [4, 1, 0, 0, 0, 0, 0, 0x61];
const BELL = Buffer.of(2);

/** A rule that is there, so that a judge is asked. */
const RULE = { policy: 'streamspace/baseline', name: 'secret', pattern: 'secret', action: 'Block', direction: 'Both' } as const;
const JUDGED: MergedDlpRules = limited({ rules: [RULE] });
const FOUND = [{ policy: RULE.policy, rule: RULE.name, action: 'Block', count: 1 }] as const;
/** What has `secret` in it is blocked. */
function judgeSecret({ clip }: ContentToJudge): ContentVerdict {
  const found = [...clip.values()].some((bytes) => bytes.includes('secret'));
  return found ? { action: 'block', findings: FOUND } : { action: 'pass', clip, findings: [] };
}

/** Of the notices those that are for the person. */
function toldOf({ notices }: Pick<RfbClient, 'notices'>): readonly StreamNotice[] {
  return notices.flatMap((text) => {
    const notice = parseStreamNotice(text);
    return notice?.type === 'notice' ? [notice] : [];
  });
}

interface Side {
  readonly client: RfbClient;
  /** What reached the desktop since the client was set up. */
  readonly arrived: () => Buffer;
}
async function connected(here: StreamWorld, options: { readonly encodings?: readonly number[] } = {}): Promise<Side> {
  // Its pixel format and its encodings, of which 7 are the default.
  const setUp = here.desktop.received().length + 24 + 4 * (options.encodings?.length ?? 7);
  const client = await here.server.connect('control', { updates: false, notices: true, ...options });
  await here.desktop.until(() => here.desktop.received().length >= setUp);
  const before = here.desktop.received().length;
  return { client, arrived: () => here.desktop.received().subarray(before) };
}
const events = (here: StreamWorld, type: string) => here.server.audit.filter((event) => event.type === type);

describe('G-18 a clipboard is judged as one', () => {
  const text = `${'x'.repeat(9_000)}secret${'y'.repeat(994)}`;

  test.each([
    ['in one frame', (client: RfbClient, bytes: Buffer) => client.send(bytes)],
    [
      'over 100 frames',
      (client: RfbClient, bytes: Buffer) => {
        for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 100))
          client.send(bytes.subarray(at, at + Math.ceil(bytes.length / 100)));
      },
    ],
    [
      'in single bytes',
      (client: RfbClient, bytes: Buffer) => {
        for (const byte of bytes) client.send([byte]);
      },
    ],
  ])('%s', async (_name, send) => {
    await using here = await streamWorld({ rules: JUDGED, judge: judgeSecret });
    const { client, arrived } = await connected(here);
    await using _client = client;
    const harmless = cutText(text.replace('secret', 'public'));
    for (const bytes of [cutText(text), harmless, Buffer.from(REQUEST)]) send(client, bytes);
    await here.desktop.until(() => arrived().length >= harmless.length + REQUEST.length);
    expect(arrived()).toEqual(Buffer.concat([harmless, Buffer.from(REQUEST)]));
    expect(here.server.denied).toEqual(new Map([['clientCutText/clipboardContent', 1]]));
    expect(events(here, 'clipboard.denied')).toMatchObject([
      {
        actor: 'member',
        result: 'refused',
        object: 'Session/team-web/one',
        details: { direction: 'Up', rule: 'clipboardContent', policy: 'streamspace/baseline', bytes: 10_000 },
      },
    ]);
    expect(JSON.stringify(here.server.audit)).not.toContain('xxx');
  });

  test('from the desktop, in many segments', async () => {
    await using here = await streamWorld({ rules: JUDGED, judge: judgeSecret });
    const { client } = await connected(here);
    await using _client = client;
    const harmless = text.replace('secret', 'public');
    const stream = Buffer.concat([cutText(text, 3), cutText(harmless, 3), BELL]);
    for (let at = 0; at < stream.length; at += 97) here.desktop.viewer().write(stream.subarray(at, at + 97));
    await client.until(() => client.messages.length >= 2);
    expect([client.messages, client.clipboard]).toEqual([['cutText', 'bell'], harmless]);
    expect(here.server.denied).toEqual(new Map([['serverCutText/clipboardContent', 1]]));
  });
});

describe('G-20 the size of a clipboard', () => {
  const rules = limited({ maxBytes: 10_000 });
  const origins = { 'clipboard.maxBytes': 'DlpPolicy/streamspace/baseline' };

  test('at the limit it passes, and is in the audit with its hash', async () => {
    await using here = await streamWorld({ rules });
    const { client, arrived } = await connected(here);
    await using _client = client;
    client.send(cutText('x'.repeat(10_000)));
    await here.desktop.until(() => arrived().length >= 10_008);
    expect(events(here, 'clipboard.passed')).toMatchObject([
      {
        result: 'success',
        details: {
          direction: 'Up',
          bytes: 10_000,
          sha256: createHash('sha256').update('x'.repeat(10_000)).digest('hex'),
          redacted: false,
        },
      },
    ]);
  });

  test('one byte over it is denied on its header, told to the person, and the stream goes on', async () => {
    await using here = await streamWorld({ rules, origins });
    const { client, arrived } = await connected(here);
    await using _client = client;
    const message = cutText('x'.repeat(10_001));
    client.send(message.subarray(0, 8));
    await client.until(() => toldOf(client).length > 0);
    expect(toldOf(client)[0]).toEqual({
      type: 'notice',
      code: 'ClipboardSize',
      message:
        'Pasting into the desktop was stopped: 10,001 bytes are more than the 10,000 that policy streamspace/baseline allows.',
    });
    client.send(message.subarray(8));
    client.send(KEY);
    await here.desktop.until(() => arrived().length > 0);
    expect([...arrived()]).toEqual(KEY);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  test('from the desktop, one byte over is left out', async () => {
    await using here = await streamWorld({ rules, origins });
    const { client } = await connected(here);
    await using _client = client;
    here.desktop.viewer().write(Buffer.concat([cutText('x'.repeat(10_001), 3), cutText('x'.repeat(10_000), 3), BELL]));
    await client.until(() => client.messages.length >= 2);
    expect(client.messages).toEqual(['cutText', 'bell']);
    expect(here.server.denied).toEqual(new Map([['serverCutText/clipboardSize', 1]]));
  });

  test.each([
    ['100 MB are declared', 100_000_000, 1009, /^RfbTooLarge: 100000000 bytes of clipboard/],
    ['1 MB is declared, and then there is silence', 1_000_000, 1002, /^RfbIncomplete: /],
    ['10 kB are declared, and then there is silence', 10_000, 1002, /^RfbIncomplete: /],
  ])('%s: the stream ends with a code', async (_name, length, code, reason) => {
    await using here = await streamWorld({ rules, limits: { messageTimeoutMs: 300 } });
    const { client } = await connected(here);
    await using _client = client;
    client.send([6, 0, 0, 0, ...s32(length), 0x41]);
    expect(await client.closed).toEqual({ code, reason: expect.stringMatching(reason) });
  });
});

describe('the extended clipboard', () => {
  async function agreed(here: StreamWorld): Promise<Side> {
    const side = await connected(here, { encodings: ALL_EXTENSIONS });
    here.desktop.viewer().write(CONFIRM_CONTROL);
    await side.client.until(() => side.client.extended.length > 0);
    return side;
  }

  test('G-24 a message of two actions or with a reserved bit is dropped and counted, framing intact', async () => {
    await using here = await streamWorld();
    const { client, arrived } = await agreed(here);
    await using _client = client;
    for (const payload of [flags(NOTIFY | PROVIDE, 1), flags(NOTIFY, 0x20), Buffer.from([NOTIFY, 1, 0, 1]), flags(0, 1)])
      client.send(extended(payload));
    client.send(extended(flags(NOTIFY, 1)));
    await here.desktop.until(() => arrived().length >= 12);
    expect(arrived()).toEqual(extended(flags(NOTIFY, 1)));
    expect(here.server.denied).toEqual(new Map([['clientCutText/clipboardInvalid', 4]]));
    here.desktop.viewer().write(Buffer.concat([extended(flags(NOTIFY | REQUESTS, 1), 3), BELL]));
    await client.until(() => client.messages.at(-1) === 'bell');
    expect(client.extended).toHaveLength(1);
  });

  test('what is provided is judged unpacked; where it is blocked the desktop is told that there is nothing', async () => {
    await using here = await streamWorld({ rules: JUDGED, judge: judgeSecret });
    const { client, arrived } = await agreed(here);
    await using _client = client;
    client.send(extended(provide('a secret')));
    await here.desktop.until(() => arrived().length >= 12);
    expect(arrived()).toEqual(extended(flags(NOTIFY, 0)));
    await client.until(() => toldOf(client).length > 0);
    expect(toldOf(client)[0]).toMatchObject({
      code: 'ClipboardContent',
      message: 'Pasting into the desktop was stopped by policy streamspace/baseline (rule secret).',
    });
  });

  test('with copying off the browser is not told that there is something to copy', async () => {
    await using here = await streamWorld({ rules: limited({ down: false }) });
    const { client, arrived } = await agreed(here);
    await using _client = client;
    const socket = here.desktop.viewer();
    socket.write(Buffer.concat([extended(flags(NOTIFY, 1), 3), extended(provide('secret'), 3), cutText('secret', 3), BELL]));
    await client.until(() => client.messages.at(-1) === 'bell');
    expect([client.extended.length, client.clipboard]).toEqual([1, '']);
    client.send(extended(flags(REQUESTS, 1)));
    client.send(KEY);
    await here.desktop.until(() => arrived().length > 0);
    expect([...arrived()]).toEqual(KEY);
  });
});

describe('while a clipboard is judged', () => {
  function slow() {
    const asked = Promise.withResolvers<ContentToJudge>();
    const answer = Promise.withResolvers<ContentVerdict>();
    const judge = (about: ContentToJudge): Promise<ContentVerdict> => {
      asked.resolve(about);
      return answer.promise;
    };
    return { asked: asked.promise, answer, judge };
  }

  test('what was typed behind it waits, so that a Ctrl+V pastes the new text', async () => {
    const { asked, answer, judge } = slow();
    await using here = await streamWorld({ rules: JUDGED, judge });
    const { client, arrived } = await connected(here);
    await using _client = client;
    client.send(cutText('hello'));
    for (let count = 0; count < 100; count += 1) client.send(KEY);
    const { clip } = await asked;
    here.desktop.viewer().write(BELL); // the other way nothing waits
    await client.until(() => client.messages.includes('bell'));
    expect(arrived()).toHaveLength(0);
    answer.resolve({ action: 'pass', clip, findings: [] });
    await here.desktop.until(() => arrived().length >= 13 + 800);
    expect(arrived()).toEqual(Buffer.concat([cutText('hello'), ...Array.from({ length: 100 }, () => Buffer.from(KEY))]));
    client.send(KEY);
    await here.desktop.until(() => arrived().length >= 13 + 808);
  });

  test('the picture goes on, and the clipboards come in their order', async () => {
    const { asked, answer, judge } = slow();
    await using here = await streamWorld({ rules: JUDGED, judge });
    const { client } = await connected(here);
    await using _client = client;
    const pixel = Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4]);
    here.desktop.viewer().write(Buffer.concat([cutText('first', 3), pixel, pixel.subarray(0, 10)]));
    const { clip } = await asked;
    await client.until(() => client.updates === 1);
    expect(client.messages).toEqual([]);
    answer.resolve({ action: 'pass', clip, findings: [] });
    // Half a picture is out: the clipboard has to wait for its end.
    here.desktop.viewer().write(Buffer.concat([pixel.subarray(10), BELL]));
    await client.until(() => client.messages.length === 2);
    expect([client.messages, client.clipboard, client.updates]).toEqual([['cutText', 'bell'], 'first', 2]);
  });

  test('a judge that takes too long, or fails, denies it, and the stream goes on', async () => {
    const never = new Promise<ContentVerdict>(() => undefined);
    const answers = [never, Promise.reject(new Error('the judge is ill'))];
    answers[1]?.catch(() => undefined);
    const judge = (): Promise<ContentVerdict> => answers.shift() ?? never;
    await using here = await streamWorld({ rules: JUDGED, judge, limits: { judgeTimeoutMs: 100 } });
    const { client, arrived } = await connected(here);
    await using _client = client;
    for (const bytes of [cutText('one'), cutText('two'), Buffer.from(KEY)]) client.send(bytes);
    await here.desktop.until(() => arrived().length > 0);
    expect([...arrived()]).toEqual(KEY);
    expect(here.server.denied).toEqual(new Map([['clientCutText/clipboardUnjudged', 2]]));
  });

  test('a browser that leaves gets nothing passed on, and its keys are let go', async () => {
    const { asked, judge } = slow();
    await using here = await streamWorld({ rules: JUDGED, judge });
    const { client, arrived } = await connected(here);
    client.send(KEY);
    client.send(cutText('hello'));
    await asked;
    client.socket.terminate();
    await closedEvent(here.server);
    expect(arrived().toString('hex')).toBe('0401000000000061' + '0400000000000061');
  });
});

test('G-29 a rate holds over all streams of one person, also after a reconnect', async () => {
  await using here = await streamWorld({ rules: limited({ perMinute: 3 }) });
  const first = await connected(here);
  for (const text of ['1', '2']) first.client.send(cutText(text));
  await here.desktop.until(() => first.arrived().length >= 18);
  await first.client.close();
  const second = await connected(here);
  await using _second = second.client;
  for (const text of ['3', '4', '5']) second.client.send(cutText(text));
  second.client.send(KEY);
  await here.desktop.until(() => second.arrived().toString('hex').endsWith('61'));
  expect(second.arrived()).toEqual(Buffer.concat([cutText('3'), Buffer.from(KEY)]));
  expect(here.server.denied).toEqual(new Map([['clientCutText/clipboardRate', 2]]));
});

test('more keys than allowed are left out; every key that goes up passes, so that none stays down', async () => {
  await using here = await streamWorld({ rules: { ...OPEN_RULES, keysPerSecond: 5 } });
  const { client, arrived } = await connected(here);
  await using _client = client;
  for (let count = 0; count < 30; count += 1) {
    client.key(0x61, true);
    client.key(0x61, false);
  }
  client.send(REQUEST);
  await here.desktop.until(() => arrived().toString('hex').endsWith(Buffer.from(REQUEST).toString('hex')));
  const downs = [
    ...arrived()
      .toString('hex')
      .matchAll(/0401000000000061/g),
  ].length;
  expect(
    [
      ...arrived()
        .toString('hex')
        .matchAll(/0400000000000061/g),
    ].length,
  ).toBe(30);
  expect(downs).toBeGreaterThanOrEqual(5);
  expect(downs).toBeLessThan(15);
  expect(here.server.denied).toEqual(new Map([['keyEvent/keyRate', 30 - downs]]));
  await client.until(() => toldOf(client).length > 0);
  expect(toldOf(client).map(({ code }) => code)).toEqual(['KeyRate']);
});

test('the audit of one stream is bounded; the rest is counted', async () => {
  await using here = await streamWorld({ rules: limited({ up: false }) });
  const { client, arrived } = await connected(here);
  for (let count = 0; count < 200; count += 1) client.send(cutText('x'));
  client.send(KEY);
  await here.desktop.until(() => arrived().length > 0);
  await client.close();
  expect((await closedEvent(here.server)).details).toMatchObject({
    'denied.clientCutText/clipboardUpOff': 200,
    clipboardEventsLeftOut: 140,
  });
  expect(events(here, 'clipboard.denied')).toHaveLength(60);
});

test('a viewer that did not ask for notices gets none', async () => {
  await using here = await streamWorld({ rules: limited({ up: false }) });
  await using client = await here.server.connect('control', { updates: false });
  await here.desktop.until(() => isSetUp(here.desktop));
  client.send(cutText('x'));
  await expect.poll(() => here.server.denied.size).toBe(1);
  here.desktop.viewer().write(BELL);
  await client.until(() => client.messages.includes('bell'));
  expect(client.notices).toEqual([]);
});

describe('the policy of a session', () => {
  function sessionWith(rules: MergedDlpRules | undefined, hash: string, resourceVersion: string): SessionJson {
    return {
      apiVersion: 'streamspace.io/v1alpha1',
      kind: 'Session',
      metadata: { name: 'one', namespace: 'team-web', uid: 'uid', resourceVersion },
      spec: { template: 'terminal', owner: 'member', desiredState: 'Running' },
      status: {
        phase: 'Running',
        ...(rules === undefined ? {} : { effectivePolicy: { hash: hash.repeat(64), policies: [], dlp: rules, origins: [] } }),
      },
    };
  }
  const log = createLogger({ name: 'test', level: 'silent' });

  test('G-32 a policy that changes is in force on the open stream at once, and the audit has both hashes', async () => {
    const feed = new ReflectedFeed<SessionJson>();
    const policies = new SessionPolicies({
      audit: (event) => here.server.audit.push(event),
      log,
      now: () => performance.now(),
      feedAgeMs: () => 0,
    });
    followPolicies(feed, policies);
    await using here = await streamWorld({ enter: (person) => policies.enter(sessionWith(OPEN_RULES, 'a', '1'), person) });
    const { client, arrived } = await connected(here, { encodings: ALL_EXTENSIONS });
    await using _client = client;
    here.desktop.viewer().write(extended(Buffer.concat([flags(CAPS | NOTIFY | PROVIDE, 1), Buffer.from(s32(5_000))]), 3));
    await client.until(() => client.extended.length === 1);
    client.send(cutText('before'));
    await here.desktop.until(() => arrived().length >= 14);

    feed.accept({ type: 'changed', object: sessionWith(limited({ up: false }), 'b', '2') });
    client.send(cutText('after'));
    client.send(KEY);
    await here.desktop.until(() => arrived().length >= 22);
    expect(arrived()).toEqual(Buffer.concat([cutText('before'), Buffer.from(KEY)]));
    // The browser is told that the desktop takes nothing any more.
    await client.until(() => client.extended.length === 2);
    expect(client.extended[1]).toEqual(flags(CAPS | NOTIFY | PROVIDE, 0));

    feed.accept({ type: 'changed', object: sessionWith(OPEN_RULES, 'a', '3') });
    client.send(cutText('again'));
    await here.desktop.until(() => arrived().length >= 35);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    expect(events(here, 'policy.changed').map(({ details }) => [details?.['oldHash'], details?.['newHash']])).toEqual([
      ['a'.repeat(64), 'b'.repeat(64)],
      ['b'.repeat(64), 'a'.repeat(64)],
    ]);
  });

  test('G-33 without a policy nobody is let in; once there is one it goes on when it can no longer be read', async () => {
    let now = 0;
    const feed = new ReflectedFeed<SessionJson>();
    const policies = new SessionPolicies({ audit: () => undefined, log, now: () => now, feedAgeMs: () => 0 });
    followPolicies(feed, policies);
    let session = sessionWith(undefined, '', '1');
    await using here = await streamWorld({ enter: (person) => policies.enter(session, person) });
    await expect(here.server.connect('control')).rejects.toThrow(/closed with 1013 PolicyUnavailable: the policy of session/);
    expect(here.desktop.shared).toEqual([]); // the desktop was not even asked

    session = sessionWith(limited({ up: false }), 'a', '2');
    const { client, arrived } = await connected(here);
    await using _client = client;
    feed.accept({ type: 'changed', object: sessionWith(undefined, '', '3') });
    now = 200_000;
    expect(policies.staleSeconds()).toBe(200);
    client.send(cutText('still off'));
    client.send(KEY);
    await here.desktop.until(() => arrived().length > 0);
    expect([...arrived()]).toEqual(KEY);
    await client.close();
    await expect.poll(() => policies.staleSeconds()).toBe(0); // nobody is left whose policy it is
  });
});
