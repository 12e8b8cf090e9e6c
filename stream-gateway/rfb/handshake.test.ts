import { expect, test } from 'vitest';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { browserHandshake } from './browser-handshake.ts';
import { desktopHandshake } from './desktop-handshake.ts';
import { singles } from './fixtures/cuts.ts';
import { type Handshake, HandshakeRun } from './handshake.ts';
import { answerChallenge } from './vnc-auth.ts';

interface Outcome<T> {
  readonly sent: string;
  readonly result: T | undefined;
  readonly rest: string;
  readonly error: string | undefined;
}

function run<T>(handshake: Handshake<T>, chunks: readonly Buffer[]): Outcome<T> {
  const machine = new HandshakeRun(handshake);
  const sent = [...machine.start()];
  const rest: Buffer[] = [];
  try {
    for (const chunk of chunks) {
      if (machine.result !== undefined) rest.push(chunk);
      else for (const bytes of machine.push(chunk)) sent.push(bytes);
    }
  } catch (error) {
    if (!(error instanceof StreamSpaceError)) throw error;
    return { sent: hex(...sent), result: undefined, rest: '', error: `${error.code}: ${error.message}` };
  }
  return { sent: hex(...sent), result: machine.result?.value, rest: hex(machine.rest(), ...rest), error: undefined };
}

/** The same in one piece and byte by byte, or the test fails. */
function both<T>(make: () => Handshake<T>, ...parts: readonly (string | readonly number[])[]): Outcome<T> {
  const stream = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));
  const whole = run(make(), [stream]);
  expect(run(make(), singles(stream))).toEqual(whole);
  return whole;
}

const hex = (...bytes: readonly (Buffer | readonly number[] | string)[]): string =>
  Buffer.concat(bytes.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part)))).toString(
    'hex',
  );

const FORMAT = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0];
const INIT = [2, 128, 1, 224, ...FORMAT, 0, 0, 0, 2, 104, 105];
const V38 = 'RFB 003.008\n';
const V37 = 'RFB 003.007\n';
const V33 = 'RFB 003.003\n';
const OK = [0, 0, 0, 0];

test('a browser of 3.8 gets None and a result; what it says next is kept', () => {
  const { sent, result, rest } = both(browserHandshake, V38, [1], [1], [3, 9, 9]);
  expect(sent).toBe(hex(V38, [1, 1], OK));
  expect(result).toEqual({ version: '3.8' });
  expect(rest).toBe('030909');
});

test('a browser of 3.7 gets no result for None, one of 3.3 gets the type alone', () => {
  expect(both(browserHandshake, V37, [1], [0])).toMatchObject({ sent: hex(V38, [1, 1]), result: { version: '3.7' } });
  expect(both(browserHandshake, V33, [1])).toMatchObject({ sent: hex(V38, [0, 0, 0, 1]), result: { version: '3.3' } });
  expect(both(browserHandshake, 'RFB 003.005\n', [1]).result).toEqual({ version: '3.3' });
});

test('a browser that speaks something else, or chooses what was not offered, is refused', () => {
  expect(both(browserHandshake, 'GET / HTTP/1').error).toMatch(/^RfbMalformed/);
  expect(both(browserHandshake, V38, [2]).error).toMatch(/^RfbMalformed.*security 2/);
});

test('a desktop of 3.8 with None is always asked to share', () => {
  const { sent, result, rest } = both(() => desktopHandshake(), V38, [1, 1], OK, INIT, [7]);
  expect(sent).toBe(hex(V38, [1], [1]));
  expect(result).toMatchObject({ width: 640, height: 480, pixelFormat: { pixelBytes: 4, tightPixelBytes: 3 } });
  expect(hex(result?.bytes ?? [])).toBe(hex(INIT));
  expect(rest).toBe('07');
});

test('a desktop of 3.7 has no result for None; one above 3.8 is spoken to in 3.8', () => {
  expect(both(() => desktopHandshake(), V37, [1, 1], INIT).sent).toBe(hex(V37, [1], [1]));
  expect(both(() => desktopHandshake(), 'RFB 003.889\n', [1, 1], OK, INIT).sent).toBe(hex(V38, [1], [1]));
});

test('VncAuth answers the challenge with DES under the reversed password', () => {
  const challenge = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
  const { sent } = both(() => desktopHandshake({ password: 'secret12' }), V38, [2, 1, 2], [...challenge], OK, INIT);
  expect(sent).toBe(hex(V38, [2], answerChallenge(challenge, 'secret12'), [1]));
  // Made with OpenSSL's single DES: `openssl enc -des-ecb -nopad`, the bits of each key byte reversed by hand.
  expect(answerChallenge(challenge, 'secret12').toString('hex')).toBe('adcd997f8e16fee575e973f93c2b62b4');
  // Only 8 bytes of a password count.
  expect(answerChallenge(challenge, 'secret12 and more')).toEqual(answerChallenge(challenge, 'secret12'));
  expect(answerChallenge(challenge, 'secret1')).not.toEqual(answerChallenge(challenge, 'secret12'));
});

test('G-15 a desktop of RFB 3.3 is refused with what it offered', () => {
  expect(both(() => desktopHandshake({ password: 'x' }), V33, [0, 0, 0, 2]).error).toBe(
    'DesktopUnsupported: the desktop offers RFB 3.3; 3.7 or 3.8 is needed',
  );
});

test('G-15 a desktop with other security types only is refused with their names', () => {
  expect(both(() => desktopHandshake({ password: 'x' }), V38, [3, 19, 30, 77]).error).toBe(
    'DesktopUnsupported: the desktop offers security VeNCrypt, Diffie-Hellman, 77; None or VncAuth is needed',
  );
  expect(both(() => desktopHandshake(), V38, [1, 2]).error).toMatch(/VncAuth; there is no password for it/);
});

test('what is no VNC server is told so, in printable characters', () => {
  expect(both(() => desktopHandshake(), 'SSH-2.0-\u0001\u001b[31m').error).toBe(
    'DesktopUnsupported: the desktop does not speak RFB; it began with "SSH-2.0- [3"',
  );
});

test('a desktop that refuses says why: before security, and after a wrong password', () => {
  const why = [0, 0, 0, 3, 78, 111, 33];
  expect(both(() => desktopHandshake(), V38, [0], why).error).toBe('DesktopRefused: the desktop refused the connection: No!');
  expect(both(() => desktopHandshake({ password: 'x' }), V38, [1, 2], new Array(16).fill(0), [0, 0, 0, 1], why).error).toBe(
    'DesktopRefused: the desktop refused the password of the session: No!',
  );
  expect(both(() => desktopHandshake({ password: 'x' }), V37, [1, 2], new Array(16).fill(0), [0, 0, 0, 2]).error).toMatch(
    /result 2/,
  );
});

test('a size or a name beyond the limits is refused on the header', () => {
  const large = [0xff, 0xff, 0xff, 0xff, ...FORMAT, 0, 0, 0, 0];
  expect(both(() => desktopHandshake(), V38, [1, 1], OK, large).error).toMatch(/^RfbTooLarge.*65535x65535/);
  const named = [2, 128, 1, 224, ...FORMAT, 0x7f, 0xff, 0xff, 0xff];
  expect(both(() => desktopHandshake(), V38, [1, 1], OK, named).error).toMatch(/^RfbTooLarge.*2147483647/);
});
