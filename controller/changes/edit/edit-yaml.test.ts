import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { FieldChange } from '../../../schemas/kinds/changes/change-edit.ts';
import type { JsonValue } from '../../render/yaml/json.ts';
import { parseYamlFile } from '../../render/yaml/yaml-file.ts';
import { findObject, type ObjectName, patchObject, withoutObject } from './edit-yaml.ts';

const WEB: ObjectName = { apiVersion: 'streamspace.io/v1alpha1', kind: 'Team', namespace: undefined, name: 'web' };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const words = (given: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(given);
const set = (path: string, value: JsonValue): FieldChange => ({ op: 'Set', path, value: JSON.stringify(value) });
const remove = (path: string): FieldChange => ({ op: 'Remove', path });

function patched(text: string, changes: readonly FieldChange[], file = 'teams/web.yaml'): string {
  const place = findObject(file, bytes(text), WEB, 'streamspace');
  if (place === undefined) throw new TypeError('no such object');
  return words(patchObject(file, bytes(text), place, changes));
}

function refusal(work: () => unknown): StreamSpaceError {
  try {
    work();
  } catch (error) {
    if (error instanceof StreamSpaceError) return error;
    throw error;
  }
  throw new TypeError('it was not refused');
}

const TEAM = `# The web team.
apiVersion: streamspace.io/v1alpha1
kind: Team
metadata:
  name: web
spec:
  displayName: "Web"   # as people see it
  members:
    # Ada leads.
    - user: ada
      role: admin
    - user: bob   # since May
      role: 'member'

    # Groups come last.
    - { group: designers, role: viewer }
  defaults: {network: office}
`;

test('a changed role is one word of the file', () => {
  expect(patched(TEAM, [set('spec.members[user=bob].role', 'viewer')])).toBe(TEAM.replace("'member'", "'viewer'"));
  expect(patched(TEAM, [set('spec.displayName', 'The web')])).toBe(TEAM.replace('"Web"', '"The web"'));
  expect(patched(TEAM, [set('spec.members[group=designers].role', 'member')])).toBe(
    TEAM.replace('role: viewer }', 'role: member }'),
  );
  expect(patched(TEAM, [set('spec.defaults.network', 'yes')])).toBe(TEAM.replace('network: office', 'network: "yes"'));
});

test('a new member is added below the others, in the indentation of the list, and a removed one takes no comment of others along', () => {
  expect(patched(TEAM, [set('spec.members[]', { user: 'vera', role: 'viewer' })])).toBe(
    TEAM.replace('role: viewer }\n', 'role: viewer }\n    - user: vera\n      role: viewer\n'),
  );
  expect(patched(TEAM, [remove('spec.members[user=ada]')])).toBe(TEAM.replace('    - user: ada\n      role: admin\n', ''));
  expect(patched(TEAM, [remove('spec.members[user=bob]')])).toBe(
    TEAM.replace("    - user: bob   # since May\n      role: 'member'\n", ''),
  );
  expect(patched(TEAM, [remove('spec.members[group=designers]')])).toBe(
    TEAM.replace('    - { group: designers, role: viewer }\n', ''),
  );
});

test('fields and whole parents are added where they are missing, also in a list that was empty, and in one that is written in a line', () => {
  const empty = TEAM.replace(/ {2}members:[\s\S]* {2}defaults: .*\n/, '  members: []\n');
  expect(patched(empty, [set('spec.members[]', { user: 'vera', role: 'viewer' })])).toBe(
    empty.replace('members: []\n', 'members:\n    - user: vera\n      role: viewer\n'),
  );
  expect(patched(TEAM, [set('metadata.labels["a.b/c"]', 'x')])).toBe(
    TEAM.replace('  name: web\n', '  name: web\n  labels:\n    a.b/c: x\n'),
  );
  expect(patched(TEAM, [set('spec.defaults.more', 1)])).toBe(TEAM.replace('{network: office}', '{network: office, more: 1}'));
  expect(patched(TEAM, [remove('spec.defaults.network')])).toBe(TEAM.replace('{network: office}', '{}'));
});

test('the first key of an item goes, and the next one takes its place behind the dash', () => {
  const text = TEAM.replace("- user: bob   # since May\n      role: 'member'", '- note: x\n      user: bob\n      role: member');
  expect(patched(text, [remove('spec.members[user=bob].note')])).toBe(text.replace('note: x\n      ', ''));
});

test('line ends, a byte order mark, a missing last line end and other documents stay as they are', () => {
  const windows = `\uFEFFapiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: x}\r\n---\r\n${TEAM.replaceAll('\n', '\r\n')}`;
  const after = patched(windows, [set('spec.members[]', { user: 'vera', role: 'viewer' })]);
  expect(after).toBe(windows.replace('role: viewer }\r\n', 'role: viewer }\r\n    - user: vera\r\n      role: viewer\r\n'));
  const open = 'apiVersion: streamspace.io/v1alpha1\nkind: Team\nmetadata:\n  name: web\nspec:\n  members:\n  - user: a';
  expect(patched(open, [set('spec.members[]', { user: 'b' })])).toBe(`${open}\n  - user: b`);
  expect(patched(open, [set('spec.members[user=a].role', 'admin')])).toBe(`${open}\n    role: admin`);
});

test('an object in a List and a JSON file are edited too', () => {
  const list = `apiVersion: v1\nkind: List\nitems:\n${TEAM.replaceAll(/^(?=.)/gm, '  ').replace('  # The web team.\n  api', '- api')}`;
  expect(patched(list, [set('spec.members[user=bob].role', 'viewer')])).toBe(list.replace("'member'", "'viewer'"));
  const json = `${JSON.stringify({ apiVersion: WEB.apiVersion, kind: 'Team', metadata: { name: 'web' }, spec: { members: [{ user: 'ada', role: 'admin' }] } }, null, 2)}\n`;
  const after = JSON.parse(patched(json, [set('spec.members[]', { user: 'vera', role: 'viewer' })], 'web.json'));
  expect(after.spec.members).toEqual([
    { user: 'ada', role: 'admin' },
    { user: 'vera', role: 'viewer' },
  ]);
});

test('block texts are replaced as a whole, and stand beside what is added', () => {
  const text = TEAM.replace('  defaults: {network: office}\n', '  note: |\n    one\n    two\n');
  expect(patched(text, [set('spec.more', true)])).toBe(`${text}  more: true\n`);
  expect(patched(text, [set('spec.note', 'short')])).toBe(text.replace('note: |\n    one\n    two\n', 'note: short\n'));
});

test('what an anchor, an alias or a merge key shares is refused, and what stands beside it is not', () => {
  const shared = TEAM.replace('role: admin', 'role: &top admin').replace("role: 'member'", 'role: *top');
  for (const user of ['ada', 'bob'])
    expect(refusal(() => patched(shared, [set(`spec.members[user=${user}].role`, 'viewer')]))).toMatchObject({
      code: 'ChangeThroughAlias',
      position: { file: 'teams/web.yaml', line: 2 },
    });
  expect(patched(shared, [set('spec.displayName', 'W')])).toBe(shared.replace('"Web"', '"W"'));
  const merged = TEAM.replace('  defaults: {network: office}\n', '  defaults:\n    <<: {network: office}\n');
  expect(refusal(() => patched(merged, [set('spec.defaults.network', 'home')])).code).toBe('ChangeThroughAlias');
});

test('what is no longer there, or something else than it was, is a conflict; what cannot be there is a mistake', () => {
  expect(refusal(() => patched(TEAM, [remove('spec.members[user=eve]')])).code).toBe('ChangeConflict');
  expect(refusal(() => patched(TEAM, [set('spec.members[user=eve].role', 'admin')])).code).toBe('ChangeConflict');
  expect(refusal(() => patched(TEAM, [{ ...set('spec.members[user=bob].role', 'admin'), was: '"viewer"' }])).code).toBe(
    'ChangeConflict',
  );
  expect(refusal(() => patched(TEAM, [set('spec.displayName.text', 'x')])).code).toBe('ChangePathInvalid');
  expect(refusal(() => patched(TEAM, [set('spec.members[user=bob]', { user: 'eve' })])).code).toBe('ChangePathInvalid');
  expect(patched(TEAM, [set('spec.members[user=ada].role', 'admin')])).toBe(TEAM);
});

test('an object is taken out of its file, and the file goes with the last one', () => {
  const two = `${TEAM}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n`;
  const place = (text: string) => findObject('a.yaml', bytes(text), WEB, 'x') ?? fail();
  expect(withoutObject('a.yaml', bytes(TEAM), place(TEAM))).toBeUndefined();
  const left = withoutObject('a.yaml', bytes(two), place(two));
  expect(parseYamlFile('a.yaml', left ?? fail()).map(({ value }) => value)).toMatchObject([{ kind: 'ConfigMap' }]);
});

function fail(): never {
  throw new TypeError('nothing is there');
}

// Texts of every style, with a member list and fields beside it.
const NAMES = [
  'ada',
  'bob',
  'yes',
  '007',
  '1e3',
  'x: y',
  'a # b',
  '~',
  "it's",
  'ü',
  '[',
  '',
  'null',
  '12:30',
  '- a',
  '"q"',
] as const;
const member = fc.record({ user: fc.constantFrom(...NAMES.slice(0, 2), 'eve', 'dan'), role: fc.constantFrom(...NAMES) });
const style = fc.record({
  indent: fc.constantFrom('', '  '),
  flowItems: fc.boolean(),
  flowList: fc.boolean(),
  comment: fc.constantFrom('', ' # why', '\n  # alone'),
  eol: fc.constantFrom('\n', '\r\n'),
  quote: fc.constantFrom('single', 'double'),
});

function quoted(text: string, how: string): string {
  return how === 'single' ? `'${text.replaceAll("'", "''")}'` : JSON.stringify(text);
}

interface Style {
  readonly indent: string;
  readonly flowItems: boolean;
  readonly flowList: boolean;
  readonly comment: string;
  readonly eol: string;
  readonly quote: string;
}

function textOf(
  members: readonly { user: string; role: string }[],
  { indent, flowItems, flowList, comment, eol, quote }: Style,
): string {
  const item = ({ user, role }: { user: string; role: string }): string => `{ user: ${user}, role: ${quoted(role, quote)} }`;
  const block = members.map((each) =>
    flowItems
      ? `  ${indent}- ${item(each)}${comment}`
      : `  ${indent}- user: ${each.user}${comment.startsWith('\n') ? '' : comment}\n  ${indent}  role: ${quoted(each.role, quote)}`,
  );
  const list = flowList || members.length === 0 ? ` [${members.map(item).join(', ')}]` : `\n${block.join('\n')}`;
  const text = `# head\napiVersion: streamspace.io/v1alpha1\nkind: Team\nmetadata: {name: web}\nspec:\n  before: 1 # one\n  members:${list}\n  after: |\n    text\n    more\n---\n# another\nkind: Other\napiVersion: v1\nmetadata: {name: o}\n`;
  return text.replaceAll('\n', eol);
}

test('whatever the style, the edited file says exactly what was wished, and the lines that are not concerned are as they were', () => {
  const unique = fc.uniqueArray(member, { selector: ({ user }) => user, maxLength: 4 });
  const change = fc.oneof(
    member.map((value) => set(`spec.new`, value)),
    fc.constantFrom(...NAMES).map((role) => set('spec.before', role)),
    fc.constantFrom(...NAMES).map((role) => set('spec.after', role)),
    fc.record({ role: fc.constantFrom(...NAMES) }).map((value) => set('spec.members[]', { user: 'zoe', ...value })),
    fc
      .tuple(fc.constantFrom('ada', 'bob', 'eve'), fc.constantFrom(...NAMES))
      .map(([user, role]) => set(`spec.members[user=${user}].role`, role)),
    fc.constantFrom('ada', 'bob', 'eve').map((user) => remove(`spec.members[user=${user}]`)),
    fc.constantFrom('ada', 'bob', 'eve').map((user) => remove(`spec.members[user=${user}].role`)),
    fc.constantFrom('spec.before', 'spec.members', 'spec.after').map(remove),
  );
  fc.assert(
    fc.property(unique, style, fc.array(change, { minLength: 1, maxLength: 4 }), (members, how, changes) => {
      const text = textOf(members, how);
      let after: string;
      try {
        after = patched(text, changes);
      } catch (error) {
        if (!(error instanceof StreamSpaceError)) throw error;
        // Only what is no longer there to be changed; never the style.
        expect(['ChangeConflict', 'ChangePathInvalid']).toContain(error.code);
        return;
      }
      const [head = '', tail = ''] = [text.slice(0, text.indexOf('spec:')), text.slice(text.indexOf('---'))];
      expect(after.startsWith(head)).toBe(true);
      expect(after.endsWith(tail)).toBe(true);
      if (!changes.some(({ path }) => path === 'spec.before')) expect(after).toContain(`  before: 1 # one${how.eol}`);
      if (!changes.some(({ path }) => path === 'spec.after'))
        expect(after).toContain(['  after: |', '    text', '    more', ''].join(how.eol));
      if (how.eol === '\r\n') expect(after.replaceAll('\r\n', '')).not.toContain('\n');
    }),
    { numRuns: 150 },
  );
}, 120_000);

test('written out or filled in is the same for whoever has seen the object in the cluster', () => {
  const quota = (more: string) =>
    `apiVersion: streamspace.io/v1alpha1\nkind: Quota\nmetadata: {name: q}\nspec:\n  scope: Team\n  limits: {gpu: 1}\n${more}`;
  const QUOTA = { apiVersion: 'streamspace.io/v1alpha1', kind: 'Quota', namespace: undefined, name: 'q' };
  const after = (text: string, change: FieldChange): string => {
    const place = findObject('q.yaml', bytes(text), QUOTA, 'streamspace') ?? expect.unreachable('it is there');
    return words(patchObject('q.yaml', bytes(text), place, [change]));
  };
  const path = 'spec.warnAt';
  const [FILLED, OTHER] = ['[80,95]', '[50]'];
  expect(after(quota(''), { op: 'Set', path, value: OTHER, was: FILLED })).toBe(quota('  warnAt:\n    - 50\n'));
  expect(after(quota('  warnAt: [80, 95]\n'), { op: 'Set', path, value: OTHER, was: 'null' })).toBe(
    quota('  warnAt:\n    - 50\n'),
  );
  expect(after(quota(''), { op: 'Remove', path, was: FILLED })).toBe(quota(''));
  expect(after(quota('  warnAt: [80, 95]\n'), { op: 'Remove', path, was: FILLED })).toBe(quota(''));
  for (const change of [
    { op: 'Set', path, value: OTHER, was: '[60]' },
    { op: 'Remove', path, was: '[60]' },
    { op: 'Remove', path },
  ] satisfies FieldChange[])
    expect(refusal(() => after(quota(''), change))).toMatchObject({ code: 'ChangeConflict' });
  expect(refusal(() => after(quota('  warnAt: [60]\n'), { op: 'Set', path, value: OTHER, was: 'null' }))).toMatchObject({
    code: 'ChangeConflict',
  });
});
