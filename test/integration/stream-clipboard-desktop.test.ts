// Clipboards under a policy, with a real Xvnc and a terminal that pastes and copies.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, deflateSync, inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { ContentVerdict } from '../../stream-gateway/dlp/clipboard/clip.ts';
import type { ContentToJudge } from '../../stream-gateway/stream/stream-policy.ts';
import { ALL_EXTENSIONS, type RfbClient } from '../support/rfb-client.ts';
import { limited, startStreamServer } from '../support/stream-server.ts';
import { startXvnc } from '../support/xvnc.ts';

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};
const extended = (payload: Buffer): Buffer => Buffer.concat([Buffer.of(6, 0, 0, 0), u32(-payload.length), payload]);
const plain = (text: string): Buffer => Buffer.concat([Buffer.of(6, 0, 0, 0), u32(text.length), Buffer.from(text, 'latin1')]);
const [CAPS, REQUEST, NOTIFY, PROVIDE] = [1 << 24, 1 << 25, 1 << 27, 1 << 28];

const RULE = { policy: 'streamspace/baseline', name: 'card', pattern: '4111', action: 'Redact', direction: 'Both' } as const;
/** Puts stars in place of 4111, and blocks what has `secret` in it. */
function judge({ clip }: ContentToJudge): ContentVerdict {
  const text = clip.get('text')?.toString() ?? '';
  const finding = { policy: RULE.policy, rule: RULE.name, count: 1 };
  if (text.includes('secret')) return { action: 'block', findings: [{ ...finding, action: 'Block' }] };
  if (!text.includes('4111')) return { action: 'pass', clip, findings: [] };
  const redacted = Buffer.from(text.replaceAll('4111', '****'));
  return { action: 'pass', clip: new Map([['text', redacted]]), findings: [{ ...finding, action: 'Redact' }] };
}

/** A terminal that writes each line it reads into a file, and what has come so far. */
async function lineReader() {
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-paste-'));
  const file = join(folder, 'lines');
  const program = `while read -r line; do echo "$line" >> ${file}; done`;
  const xvnc = await startXvnc({ program: ['xterm', '-geometry', '80x24+0+0', '-bg', 'white', '-e', '/bin/sh', '-c', program] });
  return {
    xvnc,
    lines: async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1),
    async [Symbol.asyncDispose]() {
      await xvnc[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The middle button pastes into the terminal under the pointer. */
function pasteInside(client: RfbClient): void {
  client.pointer(100, 100, 2);
  client.pointer(100, 100, 0);
}

async function untilTerminal(client: RfbClient): Promise<void> {
  client.pointer(100, 100, 0);
  await client.until(() => client.pixels.some((byte) => byte !== 0), { what: 'the terminal' });
}

test('what is pasted reaches the program as the policy leaves it, and a blocked text never does', async () => {
  await using reader = await lineReader();
  await using server = await startStreamServer({ desktop: () => reader.xvnc, rules: limited({ rules: [RULE] }), judge });
  await using client = await server.connect('control');
  await untilTerminal(client);
  for (const [text, seen] of [
    ['harmless', 'harmless'],
    ['card 4111', 'card ****'],
    // A blocked one leaves the clipboard of the desktop as it was.
    ['the secret', 'card ****'],
  ] as const) {
    client.send(plain(text));
    const before = (await reader.lines()).length;
    await expect
      .poll(
        async () => {
          pasteInside(client);
          client.type('\n');
          return (await reader.lines()).slice(before).join(' ');
        },
        { interval: 300 },
      )
      .toContain(seen);
  }
  expect((await reader.lines()).join(' ')).not.toMatch(/secret|4111/);
  expect(JSON.stringify(server.audit)).not.toMatch(/harmless|4111|the secret/);
});

test('over the extended clipboard, asked for by the desktop when it pastes', async () => {
  await using reader = await lineReader();
  await using server = await startStreamServer({ desktop: () => reader.xvnc, rules: limited({ rules: [RULE] }), judge });
  await using client = await server.connect('control', { encodings: ALL_EXTENSIONS });
  await untilTerminal(client);
  await client.until(() => client.extended.length > 0, { what: 'the caps of Xvnc' });
  client.send(extended(Buffer.concat([u32(CAPS | REQUEST | NOTIFY | PROVIDE | 1), u32(0)])));
  for (const text of ['grün €', 'card 4111', 'the secret']) {
    const before = client.extended.length;
    client.send(extended(u32(NOTIFY | 1)));
    pasteInside(client);
    await client.until(() => client.extended.slice(before).some((payload) => payload.equals(u32(REQUEST | 1))), {
      what: `the question for "${text}"`,
    });
    const bytes = Buffer.from(`${text}\0`);
    client.send(extended(Buffer.concat([u32(PROVIDE | 1), deflateSync(Buffer.concat([u32(bytes.length), bytes]))])));
    client.type('.\n');
  }
  await expect.poll(async () => (await reader.lines()).length).toBe(3);
  const lines = await reader.lines();
  expect(lines.join('')).toContain('card ****');
  expect(lines.join('')).not.toMatch(/secret|4111/);
  expect(server.audit.filter(({ type }) => type.startsWith('clipboard.')).map(({ type }) => type)).toEqual([
    'clipboard.passed',
    'clipboard.passed',
    'clipboard.denied',
  ]);
});

test('what is copied in the desktop comes out where that is allowed, plain or extended', async () => {
  const program = ['xterm', '-geometry', '80x24+0+0', '-bg', 'white', '-e', '/bin/sh', '-c'] as const;
  await using xvnc = await startXvnc({ program: [...program, 'yes selected | head -n 24; sleep 1000'] });
  await using server = await startStreamServer({ desktop: () => xvnc, rules: limited({ down: false }) });
  await using classic = await server.connect('control');
  await using modern = await server.connect('control', { encodings: ALL_EXTENSIONS });
  await untilTerminal(classic);
  await modern.until(() => modern.extended.length > 0, { what: 'the caps of Xvnc' });
  modern.send(extended(Buffer.concat([u32(CAPS | REQUEST | NOTIFY | PROVIDE | 1), u32(0)])));
  /** Lets go of what is selected, then selects what is under the pointer. */
  const selectUntil = (holds: () => boolean): Promise<void> =>
    expect
      .poll(
        () => {
          if (holds()) return true;
          for (const mask of [1, 0]) classic.pointer(200, 100, mask);
          for (const mask of [1, 0, 1, 0]) classic.pointer(20, 100, mask);
          return false;
        },
        { interval: 500 },
      )
      .toBe(true);
  await selectUntil(() => (server.denied.get('serverCutText/clipboardDownOff') ?? 0) >= 2);
  expect([classic.clipboard, modern.extended.length]).toEqual(['', 1]);

  server.policy.replace({ hash: 'second', rules: limited({ down: true }), origins: new Map() });
  await selectUntil(() => classic.clipboard.trim() === 'selected'); // of the whole line when it was three clicks
  await modern.until(() => modern.extended.some((payload) => payload.equals(u32(NOTIFY | 1))), { what: 'a notify' });
  modern.send(extended(u32(REQUEST | 1)));
  const isProvide = (payload: Buffer): boolean => payload.readUInt32BE(0) === (PROVIDE | 1);
  await modern.until(() => modern.extended.some(isProvide), { what: 'a provide' });
  const packed = modern.extended.find(isProvide)?.subarray(4) ?? Buffer.alloc(0);
  expect(inflateSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(4).toString()).toMatch(/^selected(\r\n)?\0$/);
});
