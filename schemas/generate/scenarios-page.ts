// docs/scenarios.md: which scenarios have a test that names them, and which are open.
import { code, table } from './markdown.ts';

export interface Scenario {
  readonly id: string;
  readonly group: string;
  readonly title: string;
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const TITLE = /\b(?:test|it|describe)(?:\.concurrent)?(?:\.(?:each|for)\(.*?\)(?=\())?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs;
const ID = /\b(?:[SG]-\d{2,3}|P-\d{2}-\d{1,2})\b/g;

/** The files whose test titles name each id; ids in comments do not count, since nothing runs them. */
export function coverageOf(files: readonly SourceFile[]): ReadonlyMap<string, readonly string[]> {
  const covered = new Map<string, string[]>();
  for (const { path, text } of files) {
    const ids = new Set([...text.matchAll(TITLE)].flatMap(([, , title = '']) => title.match(ID) ?? []));
    for (const id of ids) covered.set(id, [...(covered.get(id) ?? []), path]);
  }
  return covered;
}

function section(
  group: string,
  scenarios: readonly Scenario[],
  covered: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const done = scenarios.filter(({ id }) => covered.has(id)).length;
  const rows = scenarios.map(({ id, title }) => [id, title, (covered.get(id) ?? []).map(code).join(', ') || 'open']);
  return ['', `## ${group}: ${done} of ${scenarios.length}`, '', ...table(['id', 'situation', 'tests'], rows)];
}

/** @throws TypeError when a test names an id that no scenario has: a typing error would count as covered nowhere */
export function scenariosPage(scenarios: readonly Scenario[], files: readonly SourceFile[]): readonly string[] {
  const covered = coverageOf(files);
  const known = new Set(scenarios.map(({ id }) => id));
  for (const [id, paths] of covered) {
    if (!known.has(id)) throw new TypeError(`${paths.join(', ')}: no scenario is called ${id}`);
  }
  const groups = [...new Set(scenarios.map(({ group }) => group))];
  const done = scenarios.filter(({ id }) => covered.has(id)).length;
  return [
    '# Scenarios',
    '',
    'Situations that StreamSpace must survive. A scenario counts as covered when a test names its id in its title.',
    '',
    `Covered: ${done} of ${scenarios.length}.`,
    ...groups.flatMap((group) =>
      section(
        group,
        scenarios.filter((scenario) => scenario.group === group),
        covered,
      ),
    ),
  ];
}
