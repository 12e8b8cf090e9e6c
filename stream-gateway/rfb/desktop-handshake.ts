// The handshake towards the desktop, as a client (RFC 6143, 7.1 to 7.3): RFB 3.7 or 3.8, security VeNCrypt, None or VncAuth,
// always shared. The desktop is not trusted: a person has root in it.
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type Handshake, need, send, startTls } from './handshake.ts';
import { DEFAULT_RFB_LIMITS, fitsFramebuffer, type RfbLimits } from './limits.ts';
import { type PixelFormat, parsePixelFormat } from './pixel-format.ts';
import { chooseSubType, type SubType, type TlsMode } from './vencrypt.ts';
import { answerChallenge } from './vnc-auth.ts';

/** What the desktop says it is (RFC 6143, 7.3.2). */
export interface ServerInit {
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: PixelFormat;
  /** The message as it came. */
  readonly bytes: Buffer;
}

/** How a connection came to be: the security type, or the sub-type of VeNCrypt. */
export type DesktopSecurity = 'None' | 'VncAuth' | SubType['name'];

export interface GreetedDesktop extends ServerInit {
  readonly security: DesktopSecurity;
}

export interface DesktopHandshakeOptions {
  /** Left out: the desktop has to offer None. */
  readonly password?: string;
  /**
   * `Required`: TLS with a certificate, which whoever starts TLS compares, or nothing; leaving type 19 out of the list is no way
   * round it. `Opportunistic`: TLS of any kind where it is offered. Default `Off`.
   */
  readonly tls?: TlsMode;
  readonly limits?: RfbLimits;
}

const NONE = 1;
const VNC_AUTH = 2;
const VENCRYPT = 19;
const SHARED = 1;
/** Names for the error only. */
const SECURITY_NAMES: Readonly<Record<number, string>> = {
  1: 'None',
  2: 'VncAuth',
  5: 'RSA-AES',
  6: 'RSA-AES unencrypted',
  13: 'RSA-AES two-step',
  16: 'Tight',
  18: 'TLS',
  19: 'VeNCrypt',
  20: 'SASL',
  22: 'xvp',
  30: 'Diffie-Hellman',
  113: 'MSLogonII',
  129: 'RSA-AES-256',
  130: 'RSA-AES-256 unencrypted',
  133: 'RSA-AES-256 two-step',
};

/** @throws DesktopUnsupported, DesktopRefused, DesktopTlsMissing, DesktopTlsFailed, RfbMalformed, RfbTooLarge */
export function* desktopHandshake(options: DesktopHandshakeOptions = {}): Handshake<GreetedDesktop> {
  const { password, tls = 'Off', limits = DEFAULT_RFB_LIMITS } = options;
  const version = parseVersion(yield* need(12));
  yield* send(Buffer.from(`RFB 003.00${version}\n`, 'latin1'));
  const security = yield* chooseSecurity({ tls, hasPassword: password !== undefined });
  if (security.auth === 'VncAuth') yield* send(answerChallenge(yield* need(16), password ?? ''));
  // 7.1.3: before 3.8 None has no result. Inside of VeNCrypt it has one, since the type is another.
  if (security.name !== 'None' || version === 8) yield* expectSuccess(version);
  yield* send(Buffer.from([SHARED]));
  return { ...(yield* serverInit(limits)), security: security.name };
}

/** 3.8 for everything above it, such as Apple's 3.889 and RealVNC's 4 and 5. */
function parseVersion(bytes: Buffer): 7 | 8 {
  const text = bytes.toString('latin1');
  const match = /^RFB (\d{3})\.(\d{3})\n$/.exec(text);
  if (match === null)
    throw new StreamSpaceError('DesktopUnsupported', `the desktop does not speak RFB; it began with "${printable(bytes)}"`);
  const number = Number(match[1]) * 1000 + Number(match[2]);
  if (number >= 3008) return 8;
  if (number === 3007) return 7;
  throw new StreamSpaceError(
    'DesktopUnsupported',
    `the desktop offers RFB ${Number(match[1])}.${Number(match[2])}; 3.7 or 3.8 is needed`,
  );
}

interface Security {
  readonly name: DesktopSecurity;
  readonly auth: 'None' | 'VncAuth';
}

function* chooseSecurity(wish: { readonly tls: TlsMode; readonly hasPassword: boolean }): Handshake<Security> {
  const { tls, hasPassword } = wish;
  const count = (yield* need(1)).readUInt8(0);
  if (count === 0) throw new StreamSpaceError('DesktopRefused', `the desktop refused the connection: ${yield* reason()}`);
  const offered = [...(yield* need(count))];
  if (tls !== 'Off' && offered.includes(VENCRYPT)) {
    yield* send(Buffer.from([VENCRYPT]));
    const subType = yield* chooseSubType({ mode: tls, hasPassword });
    yield* startTls(subType.tls);
    return subType;
  }
  const name = chooseUnencrypted(offered, wish);
  yield* send(Buffer.from([name === 'VncAuth' ? VNC_AUTH : NONE]));
  return { name, auth: name };
}

/** @throws DesktopTlsMissing, DesktopUnsupported */
function chooseUnencrypted(
  offered: readonly number[],
  { tls, hasPassword }: { readonly tls: TlsMode; readonly hasPassword: boolean },
): Security['auth'] {
  const names = offered.map((type) => SECURITY_NAMES[type] ?? String(type)).join(', ');
  if (tls === 'Required')
    throw new StreamSpaceError('DesktopTlsMissing', `the desktop offers security ${names}; VeNCrypt is needed`, {
      facts: { offered },
    });
  if (hasPassword && offered.includes(VNC_AUTH)) return 'VncAuth';
  if (offered.includes(NONE)) return 'None';
  const known = offered.includes(VNC_AUTH) ? '; there is no password for it' : '; None or VncAuth is needed';
  throw new StreamSpaceError('DesktopUnsupported', `the desktop offers security ${names}${known}`, { facts: { offered } });
}

function* expectSuccess(version: 7 | 8): Handshake<void> {
  const result = (yield* need(4)).readUInt32BE(0);
  if (result === 0) return;
  const why = version === 8 ? yield* reason() : `result ${result}`;
  throw new StreamSpaceError('DesktopRefused', `the desktop refused the password of the session: ${why}`);
}

/** A reason in words: what goes into an error is short and printable. */
function* reason(): Handshake<string> {
  const length = (yield* need(4)).readUInt32BE(0);
  return printable(yield* need(Math.min(length, 120)));
}

function printable(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[^ -~]+/g, ' ')
    .trim();
}

function* serverInit(limits: RfbLimits): Handshake<ServerInit> {
  const head = yield* need(24);
  const width = head.readUInt16BE(0);
  const height = head.readUInt16BE(2);
  const nameBytes = head.readUInt32BE(20);
  if (!fitsFramebuffer(limits, width, height))
    throw new StreamSpaceError('RfbTooLarge', `a framebuffer of ${width}x${height}`, { facts: { width, height } });
  if (nameBytes > limits.maxNameBytes)
    throw new StreamSpaceError('RfbTooLarge', `a name of ${nameBytes} bytes; at most ${limits.maxNameBytes} are allowed`);
  const pixelFormat = parsePixelFormat(head.subarray(4, 20));
  return { width, height, pixelFormat, bytes: Buffer.concat([head, yield* need(nameBytes)]) };
}
