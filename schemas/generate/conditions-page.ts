// docs/reference/conditions.md: what each condition of each kind may say, and what triggers and results of syncs mean.
import type { KindDefinition } from '../kinds/kind.ts';
import { SYNC_RESULTS, SYNC_TRIGGERS } from '../sync-history.ts';
import { code, table } from './markdown.ts';

export function conditionsPage(kinds: readonly KindDefinition[]): readonly string[] {
  const meanings = (head: string, words: Readonly<Record<string, string>>): readonly string[] =>
    table(
      [head, 'what it means'],
      Object.entries(words).map(([word, meaning]) => [/^[A-Za-z]+$/.test(word) ? code(word) : word, meaning]),
    );
  return [
    '# Conditions',
    '',
    'A condition is `True`, `False` or `Unknown`; its reason is a stable code. Where a reason is an error code, [errors.md](errors.md) has its',
    'remedy, and the message names the object, file and line.',
    ...kinds.flatMap(({ kind, conditions }) => [
      '',
      `## ${kind}`,
      ...Object.entries(conditions).flatMap(([type, reasons]) => ['', `### ${type}`, '', ...meanings('reason', reasons)]),
    ]),
    '',
    '## History of a GitSync',
    '',
    '`streamspace history` shows for each sync what began it and how it ended.',
    '',
    ...meanings('trigger', SYNC_TRIGGERS),
    '',
    ...meanings('result', SYNC_RESULTS),
  ];
}
