// Events as lines of CSV (RFC 4180) that no spreadsheet takes for formulas (OWASP, "CSV Injection"). Pure.
import type { AuditEventView } from '../../schemas/api/api.ts';

const COLUMNS = ['at', 'type', 'actor', 'result', 'object', 'sourceAddress', 'requestId', 'details', 'id'] as const;

export const CSV_HEADER = `${COLUMNS.join(',')}\r\n`;

export function csvLine(event: AuditEventView): string {
  return `${COLUMNS.map((column) => csvCell(textOf(event[column]))).join(',')}\r\n`;
}

function textOf(value: AuditEventView[(typeof COLUMNS)[number]]): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** With an apostrophe before what a spreadsheet would compute, and in quotation marks where commas, quotes and line ends ask for it. */
export function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
