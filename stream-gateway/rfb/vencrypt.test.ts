import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type DesktopHandshakeOptions, desktopHandshake } from './desktop-handshake.ts';
import { cutsOf, singles } from './fixtures/cuts.ts';
import { HandshakeRun, type TlsKind } from './handshake.ts';
import type { TlsMode } from './vencrypt.ts';
import { answerChallenge } from './vnc-auth.ts';

interface Outcome {
  /** In hex, before and inside of TLS. */
  readonly clear: string;
  readonly inTls: string;
  readonly tls: TlsKind | undefined;
  readonly security: string | undefined;
  readonly error: string | undefined;
}

/** @param inTls what comes once TLS is there */
function run(options: DesktopHandshakeOptions, clear: readonly Buffer[], inTls: readonly Buffer[] = []): Outcome {
  const machine = new HandshakeRun(desktopHandshake(options));
  const sent: Buffer[] = [...machine.start()];
  const secret: Buffer[] = [];
  let tls: TlsKind | undefined;
  let error: string | undefined;
  try {
    for (const chunk of clear) {
      // What is left of it would go to TLS, which makes what it wants of it.
      if (machine.startTls !== undefined || machine.result !== undefined) break;
      for (const bytes of machine.push(chunk)) sent.push(bytes);
    }
    tls = machine.startTls;
    if (tls !== undefined && inTls.length > 0) {
      for (const bytes of machine.secured()) secret.push(bytes);
      for (const chunk of inTls) if (machine.result === undefined) for (const bytes of machine.push(chunk)) secret.push(bytes);
    }
  } catch (thrown) {
    if (!(thrown instanceof StreamSpaceError)) throw thrown;
    error = `${thrown.code}: ${thrown.message}`;
  }
  const hex = (parts: readonly Buffer[]): string => Buffer.concat(parts).toString('hex');
  return { clear: hex(sent), inTls: hex(secret), tls, security: machine.result?.value.security, error };
}

const uint32 = (value: number): number[] => [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const list = (subTypes: readonly number[]): number[] => [subTypes.length, ...subTypes.flatMap(uint32)];
const text = (value: string): number[] => [...Buffer.from(value, 'latin1')];
const V38 = text('RFB 003.008\n');
const V37 = text('RFB 003.007\n');
const FORMAT = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0];
const INIT = [2, 128, 1, 224, ...FORMAT, 0, 0, 0, 2, 104, 105];
const OK = [0, 0, 0, 0];
const CHALLENGE = Array.from({ length: 16 }, (_, index) => index);
const ANSWER = [...answerChallenge(Buffer.from(CHALLENGE), 'secret12')];

/** Up to where TLS begins. */
const offering = (subTypes: readonly number[], version = V38): number[] => [
  ...[...version, 2, 2, 19],
  ...[0, 2, 0, ...list(subTypes), 1],
];
const hexOf = (...parts: readonly (readonly number[])[]): string => Buffer.from(parts.flat()).toString('hex');
const options = (tls: TlsMode, password: string | undefined = 'secret12'): DesktopHandshakeOptions => ({ tls, password });
const errorOf = (tls: TlsMode, ...parts: readonly (readonly number[])[]): string | undefined => {
  const stream = Buffer.from(parts.flat());
  const whole = run(options(tls), [stream]);
  expect(run(options(tls), singles(stream))).toEqual(whole);
  return whole.error;
};

describe('what is chosen', () => {
  test('X509Vnc, and the password only inside of TLS, however the bytes are cut', () => {
    const clear = Buffer.from(offering([258, 262, 260, 261]));
    const inTls = Buffer.from([...CHALLENGE, ...OK, ...INIT]);
    const expected = {
      clear: hexOf(V38, [19], [0, 2], uint32(261)),
      inTls: hexOf(ANSWER, [1]),
      ...{ tls: 'Certificate', security: 'X509Vnc', error: undefined },
    };
    fc.assert(
      fc.property(cutsOf(clear), cutsOf(inTls), (before, inside) => {
        expect(run(options('Required'), before, inside)).toEqual(expected);
      }),
    );
  });

  test('without authentication in TLS there is a result too, also before 3.8', () => {
    const inside = [Buffer.from([...OK, ...INIT])];
    for (const version of [V38, V37])
      expect(run(options('Required'), [Buffer.from(offering([260], version))], inside)).toMatchObject({
        ...{ inTls: '01', security: 'X509None', error: undefined },
      });
  });

  test('anonymous TLS is better than none where TLS is opportunistic, and worth nothing where it is required', () => {
    const stream = Buffer.from(offering([257, 258]));
    const { clear, tls } = run(options('Opportunistic'), [stream]);
    expect({ clear, tls }).toEqual({ clear: hexOf(V38, [19, 0, 2], uint32(258)), tls: 'Anonymous' });
    expect(run({ tls: 'Opportunistic' }, [stream]).clear).toBe(hexOf(V38, [19, 0, 2], uint32(257)));
    expect(errorOf('Required', offering([257, 258]))).toBe(
      'DesktopTlsMissing: the desktop offers VeNCrypt with TLSNone, TLSVnc; X509Vnc or X509None is needed',
    );
  });

  test('without type 19 an opportunistic session goes on in the clear; off, it does so with type 19 too', () => {
    const rest = [...CHALLENGE, ...OK, ...INIT];
    expect(run(options('Opportunistic'), [Buffer.from([...V38, 1, 2, ...rest])])).toMatchObject({
      ...{ tls: undefined, security: 'VncAuth', clear: hexOf(V38, [2], ANSWER, [1]) },
    });
    expect(run(options('Off'), [Buffer.from([...V38, 2, 19, 2, ...rest])])).toMatchObject({
      tls: undefined,
      security: 'VncAuth',
    });
  });

  test('of any list it is the first that is preferred and allowed, or nothing', () => {
    const known = fc.constantFrom(256, 257, 258, 259, 260, 261, 262, 263, 264);
    const number = fc.oneof(known, fc.nat(0xffff_ffff));
    const modes = fc.constantFrom<TlsMode>('Required', 'Opportunistic');
    fc.assert(
      fc.property(fc.array(number, { maxLength: 255 }), modes, fc.boolean(), (subTypes, tls, hasPassword) => {
        const needPassword = [261, 258];
        const allowed = (tls === 'Required' ? [261, 260] : [261, 260, 258, 257]).filter(
          (type) => hasPassword || !needPassword.includes(type),
        );
        const best = allowed.find((type) => subTypes.includes(type));
        const { clear, error } = run(hasPassword ? options(tls) : { tls }, [Buffer.from(offering(subTypes))]);
        expect(error?.split(':')[0]).toBe(best === undefined ? 'DesktopTlsMissing' : undefined);
        expect(clear).toBe(hexOf(V38, [19, 0, 2], best === undefined ? [] : uint32(best)));
      }),
    );
  });
});

describe('a desktop, or somebody in between, that does not want TLS', () => {
  test('G-15 leaves type 19 out: a session that requires it is refused, and neither password nor answer was sent', () => {
    expect(errorOf('Required', V38, [2, 1, 2])).toBe(
      'DesktopTlsMissing: the desktop offers security None, VncAuth; VeNCrypt is needed',
    );
    expect(run(options('Required'), [Buffer.from([...V38, 2, 1, 2])]).clear).toBe(hexOf(V38));
  });

  test('whatever it sends, nothing goes out in the clear but the way to TLS with a certificate', () => {
    const way = [hexOf(V38, [19, 0, 2], uint32(261)), hexOf(V38, [19, 0, 2], uint32(260))];
    const noise = fc.uint8Array({ maxLength: 80 });
    const honest = fc.constantFrom(
      offering([261]),
      offering([260, 262]),
      offering([258, 261]),
      [...V38, 3, 1, 2, 19],
      [...V38, 1, 2],
    );
    const almost = fc.tuple(honest, fc.nat(40), fc.nat(255), noise).map(([bytes, at, byte, more]) => {
      const changed = [...bytes, ...more];
      changed[12 + (at % (bytes.length - 12))] = byte;
      return Uint8Array.from(changed.slice(12));
    });
    fc.assert(
      fc.property(fc.oneof(noise, almost), (sent) => {
        const { clear, security } = run(options('Required'), [Buffer.from([...V38, ...sent])]);
        expect(way.some((whole) => whole.startsWith(clear))).toBe(true);
        expect(security).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  test.each<[string, readonly number[], string]>([
    ['an old VeNCrypt', [0, 1], 'DesktopTlsFailed: the desktop offers VeNCrypt 0.1; 0.2 is needed'],
    ['a refused version', [0, 2, 255], 'DesktopTlsFailed: the desktop offers VeNCrypt 0.2 and refuses 0.2'],
    ['no sub-types', [0, 2, 0, 0], 'DesktopTlsMissing: the desktop offers VeNCrypt with nothing; X509Vnc or X509None is needed'],
    [
      'accounts only',
      [0, 2, 0, ...list([256, 259, 262])],
      'DesktopTlsMissing: the desktop offers VeNCrypt with Plain, TLSPlain, X509Plain; X509Vnc or X509None is needed',
    ],
    [
      '255 unknown sub-types',
      [0, 2, 0, ...list(Array.from({ length: 255 }, (_, index) => 1_000 + index))],
      'DesktopTlsMissing: the desktop offers VeNCrypt with 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009; X509Vnc or X509None is needed',
    ],
    [
      'a sub-type that it cannot begin',
      [0, 2, 0, ...list([261]), 0],
      'DesktopTlsFailed: the desktop offers X509Vnc and cannot begin it',
    ],
  ])('%s: it is told what is wrong', (_name, bytes, error) => {
    expect(errorOf('Required', V38, [1, 19], bytes)).toBe(error);
  });

  test('bytes in the clear behind the choice of TLS are not taken for what came through it', () => {
    const stream = Buffer.from([...offering([261]), ...CHALLENGE]);
    expect(run(options('Required'), [stream]).error).toBe(
      'RfbMalformed: the other end sent 16 bytes in the clear after TLS was agreed on',
    );
  });
});

test('while it waits for TLS nothing can be pushed', () => {
  const machine = new HandshakeRun(desktopHandshake(options('Required')));
  Array.from(machine.start());
  Array.from(machine.push(Buffer.from(offering([261]))));
  expect(() => Array.from(machine.push(Buffer.from([0])))).toThrow('waits for TLS');
});
