// VeNCrypt 0.2 (rfbproto, "VeNCrypt"; security type 19), as a client: what is agreed before TLS begins. The desktop may lie about
// all of it; what it cannot do is to make a session that requires TLS go on without the certificate that is pinned for it.
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type Handshake, need, send, type TlsKind } from './handshake.ts';

/** Whether a desktop has to speak TLS, may, or is not asked to. */
export type TlsMode = 'Required' | 'Opportunistic' | 'Off';

export interface SubType {
  readonly number: number;
  readonly name: 'X509Vnc' | 'X509None' | 'TLSVnc' | 'TLSNone';
  readonly tls: TlsKind;
  /** What follows inside of TLS. */
  readonly auth: 'VncAuth' | 'None';
}

/**
 * In the order of preference. The others are never chosen: Plain and its kin send the password of an account, SASL and Ident
 * ask for one as well, and no session has an account.
 */
const SUB_TYPES: readonly SubType[] = [
  { number: 261, name: 'X509Vnc', tls: 'Certificate', auth: 'VncAuth' },
  { number: 260, name: 'X509None', tls: 'Certificate', auth: 'None' },
  { number: 258, name: 'TLSVnc', tls: 'Anonymous', auth: 'VncAuth' },
  { number: 257, name: 'TLSNone', tls: 'Anonymous', auth: 'None' },
];
/** Names for the error only. */
const OTHER_NAMES: Readonly<Record<number, string>> = {
  256: 'Plain',
  259: 'TLSPlain',
  262: 'X509Plain',
  263: 'TLSSASL',
  264: 'X509SASL',
  265: 'TLSIdent',
  266: 'X509Ident',
};
const VERSION = [0, 2] as const;

export interface SubTypeWish {
  readonly mode: Exclude<TlsMode, 'Off'>;
  readonly hasPassword: boolean;
}

/**
 * After security type 19 was chosen. When it returns the desktop waits for TLS.
 * @throws DesktopTlsFailed, DesktopTlsMissing
 */
export function* chooseSubType(wish: SubTypeWish): Handshake<SubType> {
  const offered = yield* need(2);
  const version = [...offered].join('.');
  if (Buffer.compare(offered, Buffer.from(VERSION)) < 0)
    throw new StreamSpaceError('DesktopTlsFailed', `the desktop offers VeNCrypt ${version}; 0.2 is needed`);
  yield* send(Buffer.from(VERSION));
  if ((yield* need(1)).readUInt8(0) !== 0)
    throw new StreamSpaceError('DesktopTlsFailed', `the desktop offers VeNCrypt ${version} and refuses 0.2`);
  const count = (yield* need(1)).readUInt8(0);
  const list = yield* need(4 * count);
  const chosen = preferred(
    Array.from({ length: count }, (_, index) => list.readUInt32BE(4 * index)),
    wish,
  );
  const answer = Buffer.alloc(4);
  answer.writeUInt32BE(chosen.number);
  yield* send(answer);
  if ((yield* need(1)).readUInt8(0) !== 1)
    throw new StreamSpaceError('DesktopTlsFailed', `the desktop offers ${chosen.name} and cannot begin it`);
  return chosen;
}

/** @throws DesktopTlsMissing */
function preferred(offered: readonly number[], { mode, hasPassword }: SubTypeWish): SubType {
  const chosen = SUB_TYPES.find(
    ({ number, tls, auth }) =>
      offered.includes(number) && (tls === 'Certificate' || mode === 'Opportunistic') && (auth === 'None' || hasPassword),
  );
  if (chosen !== undefined) return chosen;
  // Of 255 of them a few say enough.
  const names = offered.slice(0, 10).map(nameOf).join(', ') || 'nothing';
  const needed = mode === 'Required' ? 'X509Vnc or X509None' : 'X509Vnc, X509None, TLSVnc or TLSNone';
  throw new StreamSpaceError('DesktopTlsMissing', `the desktop offers VeNCrypt with ${names}; ${needed} is needed`);
}

function nameOf(number: number): string {
  return SUB_TYPES.find((type) => type.number === number)?.name ?? OTHER_NAMES[number] ?? String(number);
}
