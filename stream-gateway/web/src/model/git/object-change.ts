// What an event of the audit log says about the change of an object: texts of JSON in its details, read with care.
import type { AuditEventView } from '../../api/access/audit-api.ts';

export interface ShownChange {
  readonly path: string;
  /** Undefined: it was not there. */
  readonly before: string | undefined;
  /** Undefined: it is gone. */
  readonly after: string | undefined;
}

/** Details that are shown as what they are, and not as text. */
export const CHANGE_DETAILS: ReadonlySet<string> = new Set(['diff', 'diffIncomplete', 'before', 'after']);

/** Undefined: the event says nothing of fields, or it cannot be read. */
export function changedFieldsOf({ details }: Pick<AuditEventView, 'details'>): readonly ShownChange[] | undefined {
  const list = parsed(details['diff']);
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null || !('path' in item) || typeof item.path !== 'string') return [];
    const side = (name: 'before' | 'after'): string | undefined =>
      name in item ? plain((item as Readonly<Record<string, unknown>>)[name]) : undefined;
    return [{ path: item.path, before: side('before'), after: side('after') }];
  });
}

/** The object of the level `Full`, for people to read; what was cut off as it is. */
export function objectText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const object = parsed(value);
  return object === undefined ? value : JSON.stringify(object, null, 2);
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
