// docs/reference/errors.md: every code with what it means outside and what to do.
import type { ErrorEntry, RetryClass } from '../errors/entry.ts';
import { ERRORS, type ErrorCode } from '../errors.ts';
import { closeCodeOf, httpStatusOf } from '../http-status.ts';
import { code, table } from './markdown.ts';

const RETRY: Readonly<Record<RetryClass, string>> = {
  never: 'no',
  backoff: 'by itself, with backoff',
  after: 'after the named time',
};

export interface ErrorSection {
  readonly title: string;
  readonly codes: readonly ErrorCode[];
}

const isCode = (text: string): text is ErrorCode => Object.hasOwn(ERRORS, text);

/**
 * The sections of the table as its comments name them. The source is read because comments are not in the value.
 * @throws TypeError when a code of the table is in no section
 */
export function errorSections(source: string): readonly ErrorSection[] {
  const body = /export const ERRORS = \{\n(.*?)\n\} as const/s.exec(source)?.[1] ?? '';
  const sections: { title: string; codes: ErrorCode[] }[] = [];
  for (const line of body.split('\n')) {
    const title = /^ {2}\/\/ (.+)$/.exec(line)?.[1];
    if (title !== undefined) sections.push({ title, codes: [] });
    const name = /^ {2}(\w+): \{/.exec(line)?.[1];
    if (name !== undefined && isCode(name)) sections.at(-1)?.codes.push(name);
  }
  const placed = new Set(sections.flatMap(({ codes }) => codes));
  const missing = Object.keys(ERRORS).filter((name) => isCode(name) && !placed.has(name));
  if (missing.length > 0) throw new TypeError(`no section of schemas/errors.ts holds ${missing.join(', ')}`);
  return sections;
}

function row(name: ErrorCode): readonly string[] {
  const entry: ErrorEntry = ERRORS[name];
  // An anchor of its own, so that a link to errors.md#Code stays right whatever the page looks like.
  return [
    `<a id="${name}"></a>${code(name)}`,
    entry.category,
    String(httpStatusOf(name)),
    String(closeCodeOf(name)),
    RETRY[entry.retry],
    entry.remedy,
  ];
}

export function errorsPage(source: string): readonly string[] {
  return [
    '# Error codes',
    '',
    'The same word stands in conditions, events, HTTP answers, close frames of a stream, logs and metrics. Codes are added, never renamed.',
    ...errorSections(source).flatMap(({ title, codes }) => [
      '',
      `## ${title}`,
      '',
      ...table(['code', 'category', 'HTTP', 'close', 'tried again', 'what to do'], codes.map(row)),
    ]),
  ];
}
