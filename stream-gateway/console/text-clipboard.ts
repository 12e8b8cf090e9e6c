// Text through the same gate, judges and audit as the clipboard of a desktop: in the form that keeps what is no Latin-1.
import { CUT_TEXT_HEADER_BYTES, type CutTextSender, cutText } from '../rfb/cut-text.ts';
import { buildExtendedClipboard, packProvide, parseExtendedClipboard, unpackProvide } from '../rfb/extended-clipboard.ts';
import type { Clipboard } from '../stream/clipboard/clipboard.ts';

/** Undefined: it may not pass. */
type Passed = Buffer | undefined;

const UNPACKED_BYTES = 1024 * 1024;

/** @param sender `client` where the text goes to the container, `server` where it comes from there */
export function passText(clipboard: Clipboard, sender: CutTextSender, content: Buffer): Passed | Promise<Passed> {
  const payload = buildExtendedClipboard(packProvide(new Map([['text', content]])));
  const passed = clipboard.pass(sender, cutText(sender, payload, { extended: true }));
  return passed instanceof Promise ? passed.then(textOf) : textOf(passed);
}

function textOf(message: Buffer | undefined): Passed {
  if (message === undefined) return undefined;
  const parsed = parseExtendedClipboard(message.subarray(CUT_TEXT_HEADER_BYTES));
  if (!('action' in parsed) || parsed.action !== 'provide') return undefined; // what is told a desktop in its place
  const parts = unpackProvide(parsed, UNPACKED_BYTES);
  return parts instanceof Map ? parts.get('text') : undefined;
}
