// The pages and the comparison that keeps them true.
import { describe, expect, test } from 'vitest';
import { ERROR_SECTIONS, ERRORS } from '../errors.ts';
import { KINDS } from '../kinds/all.ts';
import { templateKind } from '../kinds/template.ts';
import { errorsPage } from './errors-page.ts';
import { fieldOf, fieldsBelow } from './field.ts';
import { kindPage } from './kind-page.ts';
import { table } from './markdown.ts';
import { staleOf } from './output.ts';
import { propsFile } from './props.ts';
import { coverageOf, scenariosPage } from './scenarios-page.ts';

describe('staleOf', () => {
  test('names what is missing and what differs, by one byte too', () => {
    const outputs = ['same', 'other', 'missing'].map((path) => ({ path, text: 'text\n' }));
    const files: Readonly<Record<string, string>> = { same: 'text\n', other: 'text' };
    expect(staleOf(outputs, (path) => files[path])).toEqual(['other', 'missing']);
  });
});

describe('errors', () => {
  test('every code stands in exactly one section', () => {
    expect(ERROR_SECTIONS.flatMap(({ errors }) => Object.keys(errors))).toEqual(Object.keys(ERRORS));
  });
  test('the page has an anchor, the HTTP status and the close code of each', () => {
    const page = errorsPage().join('\n');
    expect(page).toMatch(/<a id="RequestTooLarge"><\/a>`RequestTooLarge` +\| limit +\| 413 +\| 1009 /);
    expect(page.match(/<a id="/g)).toHaveLength(Object.keys(ERRORS).length);
  });
});

describe('kinds', () => {
  test('a page names every field of spec and status, and every reason', () => {
    for (const kind of KINDS) {
      const page = kindPage(kind, { path: 'a.yaml', text: 'kind: X' }).join('\n');
      for (const part of ['spec', 'status'] as const) {
        for (const { path } of fieldsBelow(fieldOf(kind[part], part), part)) expect(page).toContain(`\`${path}\``);
      }
      for (const reasons of Object.values(kind.conditions))
        for (const reason of Object.keys(reasons)) expect(page).toContain(reason);
    }
  });
  test('props carry sentence, default and unit', () => {
    const { text } = propsFile('x.ts', [templateKind]);
    expect(text).toContain("import type { Size } from 'cdk8s';");
    expect(text).toContain(
      " * Size of the home volume.\n   * @default '1Gi'\n   */\n  readonly size?: Size | string | undefined;",
    );
    expect(text).toContain('  /** The name that people see. */\n  readonly displayName: string;');
    expect(text).toContain('readonly env?: readonly TemplateEnv[] | undefined;');
  });
});

describe('scenarios', () => {
  const known = [
    { id: 'S-001', group: 'Sync', title: 'one' },
    { id: 'P-01-1', group: 'Platform', title: 'two' },
  ];
  // Put together here, so that this file is not taken for a test of them.
  const file = (path: string, call: string): { path: string; text: string } => ({ path, text: call });

  test('a title covers every id in it; a comment covers none', () => {
    const files = [
      file('a.test.ts', `${'test'}('S-001 and P-01-1 hold', () => {}); // S-001`),
      file('b.test.ts', `// P-01-1\n${'describe'}.each([1])("S-001 %s", () => {});`),
    ];
    expect(coverageOf(files)).toEqual(
      new Map([
        ['S-001', ['a.test.ts', 'b.test.ts']],
        ['P-01-1', ['a.test.ts']],
      ]),
    );
  });
  test('what no test names is open', () => {
    const page = scenariosPage(known, [file('a.test.ts', `${'it'}(\`S-001 holds\`, () => {})`)]).join('\n');
    expect(page).toContain('Covered: 1 of 2.');
    expect(page).toMatch(/\| P-01-1 \| two +\| open /);
  });
  test('an id that no scenario has fails with the file', () => {
    expect(() => scenariosPage(known, [file('a.test.ts', `${'test'}('S-999 x', () => {})`)])).toThrow(
      'a.test.ts: no scenario is called S-999',
    );
  });
});

test('a table keeps a bar inside its cell', () => {
  expect(table(['a'], [['x|y']])).toEqual(['| a    |', '| ---- |', '| x\\|y |']);
});
