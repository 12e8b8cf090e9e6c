// TLS towards the desktop: with a real Xvnc, and with desktops that do not keep to it.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { replay } from '../../stream-gateway/recording/playback/replay.ts';
import { LentReads } from '../../stream-gateway/stream/clipboard/lent-reads.ts';
import { connectDesktop } from '../../stream-gateway/stream/desktop/desktop-side.ts';
import { DEFAULT_STREAM_LIMITS } from '../../stream-gateway/stream/limits.ts';
import { startFakeDesktop } from '../support/fake-desktop.ts';
import { testCertificate } from '../support/fake-vencrypt.ts';
import { fingerprint, sourceOf, startRecording, temporaryFolder } from '../support/recording.ts';
import { startStreamServer } from '../support/stream-server.ts';
import { closedEvent, flood, isSetUp, REQUEST, streamWorld } from '../support/stream-world.ts';
import { startXvnc, type Xvnc } from '../support/xvnc.ts';

const pinned = ({ certificate }: { readonly certificate: string }) => ({ mode: 'Required', certificate }) as const;
const withTls = ({ host, port, password, certificate }: Xvnc) => ({ host, port, password, tls: pinned({ certificate }) });
const opportunistic = ({ host, port, password }: Xvnc) => ({ host, port, password, tls: { mode: 'Opportunistic' } as const });
const X509_VNC = { securityTypes: 'X509Vnc' };

describe('a real Xvnc', () => {
  test('owner and viewer see the same picture through TLS, and typing changes it', async () => {
    await using xvnc = await startXvnc(X509_VNC);
    await using server = await startStreamServer({ desktop: () => withTls(xvnc) });
    await using owner = await server.connect('control');
    await using viewer = await server.connect('view');
    await owner.until(() => owner.updates > 0);
    await viewer.until(() => viewer.updates > 0);
    const before = owner.frame;
    owner.type('for i in 1 2 3 4 5 6 7 8 9; do ls -l /usr/bin | tail -n 40; done\n');
    await owner.waitForChange(before);
    await viewer.until(() => viewer.frame === owner.frame, { what: 'the picture of the owner' });
    expect(server.audit.find(({ type }) => type === 'stream.opened')?.details).toMatchObject({ desktopSecurity: 'X509Vnc' });
    expect((await owner.close()).code).toBe(1000);
  });

  test('another certificate than the pinned one is refused for good, before the password is asked for, and audited', async () => {
    await using xvnc = await startXvnc(X509_VNC);
    const tls = pinned(await testCertificate());
    await using server = await startStreamServer({ desktop: () => ({ ...withTls(xvnc), tls }) });
    await expect(server.connect('control')).rejects.toThrow(
      'closed with 1008 DesktopTlsUntrusted: the desktop shows another certificate than that of its session',
    );
    await closedEvent(server);
    expect(server.audit.map(({ type, details }) => [type, details?.['code']])).toEqual([
      ['protocol.violation', 'DesktopTlsUntrusted'],
      ['stream.closed', 'DesktopTlsUntrusted'],
    ]);
  });

  test('a wrong password is told as such inside of TLS too', async () => {
    await using xvnc = await startXvnc(X509_VNC);
    await using server = await startStreamServer({ desktop: () => ({ ...withTls(xvnc), password: 'not-this' }) });
    await expect(server.connect('control')).rejects.toThrow(/^closed with 1013 DesktopRefused: the desktop refused the password/);
  });

  test.each([
    ['X509Vnc,VncAuth', 'X509Vnc'],
    ['X509None', 'X509None'],
    ['TLSVnc,VncAuth', 'TLSVnc'],
    ['TLSNone', 'TLSNone'],
    // What it offers beside would ask for an account.
    ['X509Plain,VncAuth', 'VncAuth'],
    ['VncAuth', 'VncAuth'],
  ])('an image of others with %s goes on working where TLS is opportunistic, with %s', async (securityTypes, security) => {
    await using xvnc = await startXvnc({ securityTypes });
    await using server = await startStreamServer({ desktop: () => opportunistic(xvnc) });
    await using client = await server.connect('control');
    await client.until(() => client.updates > 0);
    expect(server.audit.find(({ type }) => type === 'stream.opened')?.details).toMatchObject({ desktopSecurity: security });
  });

  test('it is recorded through TLS, and not at all with another certificate', async () => {
    await using xvnc = await startXvnc({
      ...X509_VNC,
      program: ['xterm', '-e', '/bin/sh', '-c', 'while :; do date +%N; sleep 0.1; done'],
    });
    await using folder = await temporaryFolder();
    await using world = await startRecording({ root: folder.path, endpoint: withTls(xvnc) });
    await expect.poll(() => world.spool.segments.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
    await world.recorder.stop('Complete');
    const pictures = new Set<string>();
    for await (const step of replay(sourceOf(world.spool)))
      if (step.type === 'picture') pictures.add(fingerprint(step.framebuffer));
    expect(pictures.size).toBeGreaterThan(5);

    await using other = await temporaryFolder();
    const tls = pinned(await testCertificate());
    await using refused = await startRecording({ root: other.path, endpoint: { ...withTls(xvnc), tls } });
    await expect.poll(() => JSON.stringify(refused.news), { timeout: 10_000 }).toContain('DesktopTlsUntrusted');
    expect(refused.spool.segments).toEqual([]);
  });
});

describe('through TLS as without', () => {
  test('what is typed arrives unchanged, and a browser that does not read stops the desktop', async () => {
    const certificate = await testCertificate();
    await using here = await streamWorld({ desktop: { tls: certificate }, tls: pinned(certificate) });
    await using client = await here.server.connect('control', { updates: false });
    await here.desktop.until(() => isSetUp(here.desktop));
    const before = here.desktop.received().length;
    client.send(REQUEST);
    await here.desktop.until(() => here.desktop.received().length >= before + REQUEST.length);
    expect([...here.desktop.received().subarray(before)]).toEqual(REQUEST);

    client.socket.pause();
    const sent = await flood(here.desktop);
    // The limit, and what the kernel's buffers and those of TLS take.
    expect(sent).toBeLessThan(48 * 1024 * 1024);
    client.socket.resume();
    await client.until(() => client.receivedBytes >= sent, { what: 'every byte' });
  });

  test('what the desktop says with the end of the handshake comes before what it says later', async () => {
    const certificate = await testCertificate();
    await using desktop = await startFakeDesktop({ tls: certificate });
    const reads = new LentReads();
    const { signal } = new AbortController();
    const endpoint = { host: desktop.host, port: desktop.port, tls: pinned(certificate) };
    const { socket, early } = await connectDesktop(endpoint, { limits: DEFAULT_STREAM_LIMITS, signal, reads });
    const seen: Buffer[] = [early];
    reads.handOver(({ bytes, release }) => {
      seen.push(Buffer.from(bytes));
      release();
    });
    for (let byte = 0; byte < 200; byte += 1) desktop.viewer().write(Buffer.alloc(1_000, byte));
    desktop.viewer().end();
    socket.resume();
    await once(socket, 'close');
    expect(Buffer.concat(seen)).toEqual(Buffer.concat(Array.from({ length: 200 }, (_, byte) => Buffer.alloc(1_000, byte))));
  });
});

describe('a desktop that does not keep to it', () => {
  test('G-15 leaves TLS out of its offer: the browser is told, it is audited, and there is no way back to the clear', async () => {
    const { certificate } = await testCertificate();
    await using here = await streamWorld({ desktop: { security: [1] }, tls: pinned({ certificate }) });
    await expect(here.server.connect('control')).rejects.toThrow(
      'closed with 1002 DesktopTlsMissing: the desktop offers security None; VeNCrypt is needed',
    );
    await closedEvent(here.server);
    expect(here.server.audit.map(({ type }) => type)).toEqual(['protocol.violation', 'stream.closed']);
    expect(here.desktop.shared).toEqual([]);
  });

  test.each<[string, (socket: Socket) => void, RegExp]>([
    [
      'answers with garbage',
      (socket) => socket.once('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
      /^closed with 1013 DesktopTlsFailed: no TLS with the desktop: ERR_SSL_/,
    ],
    [
      'sends in the clear what should come through it',
      (socket) => socket.write(Buffer.alloc(24)),
      /^closed with 1002 RfbMalformed: the other end sent 24 bytes/,
    ],
    ['closes in the middle', (socket) => socket.end(), /^closed with 1013 DesktopTlsFailed: no TLS with the desktop: /],
    [
      'resets in the middle',
      (socket) => socket.resetAndDestroy(),
      /^closed with 1013 DesktopTlsFailed: no TLS with the desktop: ECONNRESET/,
    ],
    ['never answers', () => undefined, /^closed with 1013 DesktopTlsFailed: no TLS with the desktop: not within 0.5 s/],
  ])('%s where TLS should begin', async (_name, instead, expected) => {
    const certificate = await testCertificate();
    const desktop = { tls: { ...certificate, instead } };
    await using here = await streamWorld({ desktop, tls: pinned(certificate), limits: { connectTimeoutMs: 500 } });
    await expect(here.server.connect('control')).rejects.toThrow(expected);
    expect((await closedEvent(here.server)).result).toBe('failure');
  });

  test('speaks TLS and then garbage: it is refused, and the gateway goes on', async () => {
    const certificate = await testCertificate();
    await using here = await streamWorld({ desktop: { tls: certificate }, tls: pinned(certificate) });
    await using client = await here.server.connect('control', { updates: false });
    here.desktop.viewer().write(Buffer.from('no message of a desktop'));
    expect(await client.closed).toMatchObject({ code: 1002, reason: expect.stringMatching(/^RfbUnknownMessage/) });
    await using again = await here.server.connect('control', { updates: false });
    expect(again.width).toBe(64);
  });

  test('offers 255 sub-types and the wanted one last, or TLS without a certificate only', async () => {
    const certificate = await testCertificate();
    const many = Array.from({ length: 254 }, (_, index) => 10_000 + index);
    await using full = await streamWorld({
      desktop: { tls: { ...certificate, subTypes: [...many, 260] } },
      tls: pinned(certificate),
    });
    await using client = await full.server.connect('control', { updates: false });
    expect(client.width).toBe(64);
    await using anonymous = await streamWorld({
      desktop: { tls: { ...certificate, subTypes: [257] } },
      tls: pinned(certificate),
    });
    await expect(anonymous.server.connect('control')).rejects.toThrow(
      'DesktopTlsMissing: the desktop offers VeNCrypt with TLSNone',
    );
  });

  test('has a certificate in its Secret that cannot be read', async () => {
    const certificate = await testCertificate();
    await using here = await streamWorld({ desktop: { tls: certificate }, tls: pinned({ certificate: 'nothing of the kind' }) });
    await expect(here.server.connect('control')).rejects.toThrow(
      'DesktopTlsUntrusted: the certificate in the Secret of the session',
    );
  });
});
