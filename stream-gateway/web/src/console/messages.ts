// What the gateway says of a console, and the clipboard escape as xterm.js hands it over, read by hand: schemas stay out of the page.
import type { ConsoleMessage } from '../../../../schemas/api/console.ts';
import { parseStreamNotice } from '../../../../schemas/api/stream-notices.ts';

/** Undefined: of a newer gateway. */
export function parseConsoleMessage(text: string): ConsoleMessage | undefined {
  const value = jsonOf(text);
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  if (value.type === 'opened' || value.type === 'active') return { type: value.type };
  if (value.type === 'exited' && 'exitCode' in value && typeof value.exitCode === 'number')
    return { type: 'exited', exitCode: value.exitCode };
  if (value.type === 'idle' && 'endsInMs' in value && typeof value.endsInMs === 'number')
    return { type: 'idle', endsInMs: value.endsInMs };
  const notice = parseStreamNotice(text);
  return notice?.type === 'notice' ? notice : undefined;
}

/** The text of `Pc;Pd` of OSC 52; null: none that can be read. */
export function clipboardOf(data: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(data.slice(data.indexOf(';') + 1)), (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
