import { Parser } from 'commonmark';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FieldRule } from '../../../schemas/kinds/field-rule.ts';
import { differencesBetween } from '../../plan/differences.ts';
import { wantedObject } from '../../plan/fixtures.ts';
import type { Change, Plan } from '../../plan/plan.ts';
import { changesBetween } from '../../reconcile/pull-requests/plan.ts';
import { objectId } from '../../render/manifest.ts';
import type { JsonObject, JsonValue } from '../../render/yaml/json.ts';
import type { Identified } from '../../validate/validate.ts';
import { MAX_COMMENT_CHARACTERS } from './comment-pages.ts';
import { differenceLines } from './difference-lines.ts';
import { failureComment, fenced, inline, MAX_COMMENTS, planComment } from './plan-comment.ts';
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
  const [text = '', ...more] = planComment(plan, { ...FACTS, effects: ['2 running sessions are touched'] }, []);
  expect(more).toEqual([]);
  expect(text).toMatch(/^### Plan: 1 to delete, 1 to change\n/);
  expect(text).toContain('- 2 running sessions are touched\n');
  // What is lost comes first.
  expect(text.indexOf('`Team/old`')).toBeLessThan(text.indexOf('`ConfigMap/default/a` `a.yaml:3`'));
  expect(text).toContain('```diff\n- data.x: "one"\n+ data.x: "two"\n```');
  expect(text).toContain('#### Warnings\n```text\ncareful\n```');
  expect(planComment(planOf([]), FACTS, [])[0]).toMatch(/^### Plan: nothing to do\n/);
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
      const { words, others } = seen(planComment(plan, { ...FACTS, gitSync: name, into: path }, []).join('\n'));
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
    [],
  );
  expect(Math.max(...texts.map(({ length }) => length))).toBeLessThanOrEqual(MAX_COMMENT_CHARACTERS + 100);
  const all = texts.join('');
  expect(new Set(all.match(/`ConfigMap\/default\/object-\d+`/g)).size).toBe(2_000);
  expect(new Set(all.match(/data\.k\d+/g)).size).toBe(100);
  expect(texts[1]).toContain(`_2 of ${texts.length}_`);
});

const thing = (fields: JsonObject, name = 'a'): Identified => wantedObject('Thing', name, { fields });

/** As a pull request from a fork is planned: what one side has and the other has not. */
function told(before: JsonObject | undefined, after: JsonObject | undefined, mask: readonly FieldRule[] = []): string {
  const sides = [before, after].map((fields) => (fields === undefined ? [] : [thing(fields)]));
  return planComment(planOf(changesBetween(sides[0] ?? [], sides[1] ?? [], mask)), FACTS, mask).join('\n');
}

const leaf = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.string({ minLength: 5_000, maxLength: 9_000 }),
);
const tree = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('value'), { minLength: 1, maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

test('whatever differs in two objects, the comment says of each field what it was and what it will be, and neither reads as the other', () => {
  fc.assert(
    fc.property(tree, tree, (was, is) => {
      const { differences, differencesLeftOut } = differencesBetween({ spec: was }, { spec: is });
      fc.pre(differences.length > 0);
      expect(differencesLeftOut).toBe(0);
      for (const difference of differences) {
        const lines = [...differenceLines(difference)];
        const side = (sign: string): string =>
          lines
            .filter((line) => line.startsWith(sign))
            .map((line) => line.slice(1))
            .join('\n');
        expect(side('-')).not.toBe(side('+'));
        expect(lines.every((line) => /^[-+] spec/.test(line) && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(line))).toBe(true);
        const text = told({ spec: was }, { spec: is });
        for (const line of lines) expect(text).toContain(line);
      }
    }),
    { numRuns: 200 },
  );
});

test('a field behind a hundred harmless ones is in the comment; behind more than are kept it is counted', () => {
  const harmless = (count: number, value: string): JsonObject =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`label-${index}`, value]));
  const of = (count: number, value: string): JsonObject => ({ labels: harmless(count, value), zone: value });
  expect(told(of(100, 'a'), of(100, 'b'))).toContain('- zone: "a"\n+ zone: "b"');
  expect(told(of(1_005, 'a'), of(1_005, 'b'))).toContain('_and 6 more fields of it are not shown_');
});

test('two long values are shown where they differ, with how long they are', () => {
  const text = told(
    { data: `${'a'.repeat(50_000)}safe${'z'.repeat(9_000)}` },
    { data: `${'a'.repeat(50_000)}evil${'z'.repeat(9_000)}` },
  );
  expect(text).toMatch(/^- data: a{100}safez{100} \(characters 49902 to 50105 of 59006; the rest is the same\)$/m);
  expect(text).toMatch(/^\+ data: a{100}evilz{100} \(/m);
  expect(told({ data: 'b'.repeat(9_000) }, { data: 'c'.repeat(9_000) })).toContain(
    '(characters 1 to 4000 of 9002; 5002 more are not shown)',
  );
});

test('what is made shows all that is in it, but for what is hidden', () => {
  const role = { rules: [{ apiGroups: ['*'], verbs: ['get', 'escalate'] }], open: { deep: ['x'] }, hidden: { deep: 'QZXJ' } };
  const text = told(undefined, role, [{ kind: 'Thing', fields: ['/hidden/deep'] }]);
  for (const line of ['+ rules[0].apiGroups[0]: "*"', '+ rules[0].verbs[1]: "escalate"', '+ open.deep[0]: "x"'])
    expect(text).toContain(line);
  expect(text).toContain('+ hidden.deep: "(hidden)"');
  expect(text).not.toContain('QZXJ');
  const secret = wantedObject('Secret', 's', { fields: { data: { password: 'UVpYSg==' }, stringData: { token: 'QZXJ' } } });
  const [made = ''] = planComment(planOf([{ action: 'create', id: secret.id, wanted: secret, deferred: false }]), FACTS, []);
  expect(made).toContain('+ data: "(hidden)"');
  expect(made).not.toMatch(/UVpYSg|QZXJ/);
  expect(told(role, undefined)).toContain('`Thing/demo/a`');
  // What is deleted and made anew is all new, too.
  const replaced = {
    action: 'replace',
    id: secret.id,
    wanted: thing(role),
    uid: 'u',
    differences: [],
    conflicts: [],
    reason: 'fixed',
  } as const;
  expect(planComment(planOf([replaced]), FACTS, [])[0]).toContain('+ rules[0].verbs[1]: "escalate"');
});

test('a plan that is too long for its comments says how much of it is not shown', () => {
  const list = Array.from({ length: 3_000 }, (_, index) => `${'v'.repeat(80)}${index}`);
  const large = (name: string): Change => {
    const wanted = thing({ list }, name);
    return { action: 'create', id: wanted.id, wanted, deferred: false };
  };
  const alone = planComment(planOf([large('a')]), FACTS, []);
  const lines = alone.join('').match(/^\+ list/gm)?.length ?? 0;
  // apiVersion, kind and metadata.name come first.
  expect(lines).toBeLessThan(3_000);
  expect(alone.join('')).toContain(`_and ${3_000 - lines} more lines of it are not shown_`);
  const many = Array.from({ length: 10_000 }, (_, index) => large(`${'n'.repeat(60)}-${index}`));
  const texts = planComment(planOf([...many, configure('last', [['data.x', 'a', 'b']])]), FACTS, []);
  expect(texts.length).toBeLessThanOrEqual(MAX_COMMENTS);
  expect(Math.max(...texts.map(({ length }) => length))).toBeLessThanOrEqual(MAX_COMMENT_CHARACTERS + 100);
  const [, named, counted] =
    /\*\*Not all of it is shown:\*\* .* Of (\d+) objects only the name is shown\. (\d+) objects are not/.exec(texts[0] ?? '') ??
    [];
  const titles = texts.join('').match(/`Thing\/demo\/n+-\d+`/g) ?? [];
  const full = new Set(texts.join('').match(/`Thing\/demo\/n+-\d+`\n```diff/g));
  expect(new Set(titles).size).toBe(full.size + Number(named));
  expect(new Set(titles).size + Number(counted)).toBe(10_001);
});
