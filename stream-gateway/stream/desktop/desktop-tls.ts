// TLS over the connection to a desktop, once VeNCrypt has agreed on it. Trust is one certificate, pinned byte for byte: no
// authority, no host name and no date has a say, since the desktop's address changes with every pod and its clock is not ours.
import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { TlsKind } from '../../rfb/handshake.ts';
import type { TlsMode } from '../../rfb/vencrypt.ts';

/** Left out of an endpoint: no TLS. */
export type DesktopTls =
  /** @param certificate the only one that is accepted, as PEM */
  { readonly mode: 'Required'; readonly certificate: string } | { readonly mode: 'Opportunistic' };

/**
 * What holds for a session. One that was made before there were certificates has none in its Secret: nothing can be compared.
 * @param mode of its status; left out: its desktop was started before it was told anything
 * @param certificate of its Secret, as PEM
 */
export function desktopTlsOf(mode: TlsMode | undefined, certificate: string | undefined): DesktopTls | undefined {
  if (mode === undefined || mode === 'Off') return undefined;
  return mode === 'Required' && certificate !== undefined ? { mode, certificate } : { mode: 'Opportunistic' };
}

/** Without a certificate TLS 1.3 has no way; what is left keeps out who only listens. GCM before CBC. */
const ANONYMOUS_CIPHERS = 'ADH-AES256-GCM-SHA384:ADH-AES128-GCM-SHA256:AECDH-AES256-SHA:AECDH-AES128-SHA:@SECLEVEL=0';

/**
 * Takes over a socket whose bytes so far are all read. Nothing may be written or read before `secureConnect` and
 * {@link certificateProblem}: until then it may be anybody's.
 */
export function startDesktopTls(socket: Socket, kind: TlsKind): TLSSocket {
  return connect({
    socket,
    minVersion: 'TLSv1.2',
    // What stands in for it is the comparison with the pinned certificate.
    rejectUnauthorized: false,
    ...(kind === 'Anonymous' ? { maxVersion: 'TLSv1.2', ciphers: ANONYMOUS_CIPHERS } : {}),
  });
}

/** Who completed the handshake holds the key of the certificate it showed; is it the one that is pinned? */
export function certificateProblem(socket: TLSSocket, pinned: DesktopTls | undefined): StreamSpaceError | undefined {
  if (pinned?.mode !== 'Required') return undefined;
  const shown = socket.getPeerX509Certificate();
  const expected = parsed(pinned.certificate);
  if (expected === undefined)
    return new StreamSpaceError('DesktopTlsUntrusted', 'the certificate in the Secret of the session cannot be read');
  if (shown?.raw.equals(expected.raw) === true) return undefined;
  const fingerprint = shown === undefined ? 'none' : shown.fingerprint256;
  return new StreamSpaceError('DesktopTlsUntrusted', 'the desktop shows another certificate than that of its session', {
    facts: { shown: fingerprint, expected: expected.fingerprint256 },
  });
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
