import { Parser } from 'commonmark';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Change, Plan } from '../../plan/plan.ts';
import { objectId } from '../../render/manifest.ts';
import type { Identified } from '../../validate/validate.ts';
import { failureComment, fenced, inline, MAX_COMMENT_CHARACTERS, planComment } from './plan-comment.ts';
import { resultNote } from './result-note.ts';

const FACTS = { gitSync: 'streamspace/platform', commit: 'c'.repeat(40), into: 'main', base: 'b'.repeat(40), effects: [] };

function configure(name: string, differences: readonly (readonly [path: string, before: string, after: string])[]): Change {
  return {
    ...{
      action: 'configure',
      id: objectId({ group: '', kind: 'ConfigMap', namespace: 'default', name }),
      uid: 'u',
      conflicts: [],
    },
    wanted: {} as Identified,
    differences: differences.map(([path, before, after]) => ({ path, before, after })),
    position: { file: 'a.yaml', line: 3 },
  };
}

const planOf = (changes: readonly Change[], warnings: readonly string[] = []): Plan => ({ changes, warnings });

interface Seen {
  /** What is code. */
  readonly code: string;
  /** What is words, and so could be a mention. */
  readonly words: string;
  readonly others: readonly string[];
}

function seen(markdown: string): Seen {
  const walker = new Parser().parse(markdown).walker();
  const [code, words, others]: string[][] = [[], [], []];
  for (let event = walker.next(); event !== null; event = walker.next()) {
    const { type, literal } = event.node;
    if (type === 'code' || type === 'code_block') code?.push(literal ?? '');
    else if (type === 'text') words?.push(literal ?? '');
    else if (['link', 'image', 'html_inline', 'html_block'].includes(type)) others?.push(type);
  }
  return { code: (code ?? []).join('\n'), words: (words ?? []).join('\n'), others: others ?? [] };
}

test('a plan counts, names each object with its place, and shows what becomes of each field', () => {
  const gone = objectId({ group: 'streamspace.io', kind: 'Team', namespace: '', name: 'old' });
  const plan = planOf([configure('a', [['data.x', 'one', 'two']]), { action: 'delete', id: gone, uid: 'u' }], ['careful']);
  const [text = '', ...more] = planComment(plan, { ...FACTS, effects: ['2 running sessions are touched'] });
  expect(more).toEqual([]);
  expect(text).toMatch(/^### Plan: 1 to delete, 1 to change\n/);
  expect(text).toContain('- 2 running sessions are touched\n');
  // What is lost comes first.
  expect(text.indexOf('`Team/old`')).toBeLessThan(text.indexOf('`ConfigMap/default/a` `a.yaml:3`'));
  expect(text).toContain('```diff\n- data.x: "one"\n+ data.x: "two"\n```');
  expect(text).toContain('#### Warnings\n```text\ncareful\n```');
  expect(planComment(planOf([]), FACTS)[0]).toMatch(/^### Plan: nothing to do\n/);
  expect(failureComment(FACTS, { code: 'YamlInvalid', message: 'a.yaml:1: no' })).toContain(
    '```text\nYamlInvalid\na.yaml:1: no\n```',
  );
});

test('nothing of a repository is markup, a link or a mention, whatever it says', () => {
  const nasty = fc
    .array(
      fc.constantFrom(
        '`',
        '```',
        '~~~',
        '\n',
        '\r',
        '\u2028',
        '@admin',
        '<!-- streamspace:change 1 -->',
        '<img src=x>',
        '[x](http://e)',
        '#1',
        '    ',
        '> ',
        '$x',
        '\t',
        '|',
        '&lt;',
        '\\',
        'a',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(nasty, nasty, nasty, nasty, (name, path, before, after) => {
      const plan = planOf([configure(name, [[path.replaceAll(/[\n\r\u2028]/g, ''), before, after]])], [after]);
      const { words, others } = seen(planComment(plan, { ...FACTS, gitSync: name, into: path }).join('\n'));
      expect(others).toEqual([]);
      expect(words).not.toMatch(/[@<#[`]|http/);
      expect(seen(failureComment(FACTS, { code: 'X', message: after })).others).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

test('what became of a merge is told without markup from elsewhere', () => {
  const bits = fc.constantFrom('`', '```', '\n', '@admin', '<!-- x -->', '<img src=x>', '[x](http://e)', '#1', 'a', ' ');
  const nasty = fc.array(bits, { maxLength: 10 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(nasty, nasty, nasty, (gitSync, into, message) => {
      const facts = { gitSync, into, mergeCommit: 'c'.repeat(40) };
      const results = [
        { state: 'Failed', code: 'YamlInvalid', message },
        { state: 'Applied', revision: 'd'.repeat(40), at: message, health: message, changed: 1 },
      ] as const;
      for (const result of results) {
        const { words, others } = seen(resultNote(result, facts));
        expect(others).toEqual([]);
        expect(words).not.toMatch(/[@<#[`]|http/);
      }
    }),
  );
});

test('code says what it was given', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('`', '~', 'a', ' ', '<', '@', '\\') }), (text) => {
      expect(seen(fenced('text', text)).code).toBe(`${text}\n`);
      expect(seen(inline(text)).code.trim()).toBe(text.trim());
    }),
  );
});

test('2,000 changed objects are split over comments, each within the limit of the forge, and none is lost', () => {
  const changes = Array.from({ length: 2_000 }, (_, index) =>
    configure(`object-${index}`, [['data.x', 'a'.repeat(100), 'b'.repeat(100)]]),
  );
  const texts = planComment(
    planOf([
      ...changes,
      configure(
        'large',
        Array.from({ length: 100 }, (_, at) => [`data.k${at}`, 'a'.repeat(1_900), 'b'] as const),
      ),
    ]),
    FACTS,
  );
  expect(Math.max(...texts.map(({ length }) => length))).toBeLessThanOrEqual(MAX_COMMENT_CHARACTERS + 100);
  const all = texts.join('');
  expect(new Set(all.match(/`ConfigMap\/default\/object-\d+`/g)).size).toBe(2_000);
  expect(new Set(all.match(/data\.k\d+/g)).size).toBe(100);
  expect(texts[1]).toContain(`_2 of ${texts.length}_`);
});
