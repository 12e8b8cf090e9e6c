// SAML messages as they come through a browser (SAML bindings 2.0, 3.4 and 3.5): taken apart under limits, before anything is believed.
import { inflateRawSync } from 'node:zlib';
import { MESSAGE_LIMITS, parseStrictXml, type XmlElement, XmlRefused } from '../../../runtime/saml/strict-xml.ts';
import { samlRefusal } from './refusal.ts';

export interface SamlMessage {
  /** In base64 as it came, for the library. */
  readonly encoded: string;
  readonly root: XmlElement;
}

const MAX_BYTES = MESSAGE_LIMITS.maxLength;
const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/** Binding HTTP-POST: base64. @throws StreamSpaceError `SamlResponseInvalid` */
export function postedMessage(field: unknown): SamlMessage {
  const bytes = bytesOf(field);
  const root = rootOf(bytes);
  return { encoded: bytes.toString('base64'), root };
}

/** Binding HTTP-Redirect: base64 of what was deflated (RFC 1951). @throws StreamSpaceError `SamlResponseInvalid` */
export function redirectedMessage(field: unknown): SamlMessage {
  const deflated = bytesOf(field);
  let bytes: Buffer;
  try {
    bytes = inflateRawSync(deflated, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    throw samlRefusal('malformed', 'the message cannot be inflated, or is larger than it may be', { cause: error });
  }
  return { encoded: deflated.toString('base64'), root: rootOf(bytes) };
}

function bytesOf(field: unknown): Buffer {
  if (typeof field !== 'string' || !BASE64.test(field)) throw samlRefusal('malformed', 'the message is not base64');
  const bytes = Buffer.from(field, 'base64');
  if (bytes.length > MAX_BYTES) throw samlRefusal('malformed', `the message is larger than ${MAX_BYTES} bytes`);
  return bytes;
}

function rootOf(bytes: Buffer): XmlElement {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw samlRefusal('malformed', 'the message is not UTF-8', { cause: error });
  }
  return parsed(text);
}

/** @throws StreamSpaceError `SamlResponseInvalid` */
export function parsed(text: string): XmlElement {
  try {
    return parseStrictXml(text);
  } catch (error) {
    if (error instanceof XmlRefused) throw samlRefusal('malformed', error.message, { cause: error });
    throw error;
  }
}
