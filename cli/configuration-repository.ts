// The files of a new configuration repository. Pure: what the example and this installation have, turned into what is written.

export type RepositoryKind = 'cdk8s' | 'plain';

export interface RepositorySource {
  readonly kind: RepositoryKind;
  /** Name of the new folder. */
  readonly name: string;
  /** Files of the example, by path inside it. */
  readonly example: ReadonlyMap<string, string>;
  /** Versions of the packages that this installation renders with. */
  readonly versions: Readonly<Record<string, string>>;
}

/** What `node_modules` of a cdk8s repository holds: the very packages that render it. A plain one needs the schemas alone. */
export const LINKED: Readonly<Record<RepositoryKind, readonly string[]>> = {
  cdk8s: ['streamspace', 'cdk8s', 'cdk8s-plus-27', 'constructs'],
  plain: ['streamspace'],
};

const SCHEMAS = 'node_modules/streamspace/schemas/json';

/** The example's links lead out of its folder, to places that the new repository does not have. */
function inItsNewPlace(path: string, text: string): string {
  if (path === 'README.md') return `${text.replaceAll(/^.*\]\(\.\.\/.*\n/gm, '').trimEnd()}\n`;
  const up = '../'.repeat(path.split('/').length - 1);
  return text.replace(/^(# yaml-language-server: \$schema=)\S*\//, `$1${up}${SCHEMAS}/`);
}

function packageJson({ name, versions }: RepositorySource): string {
  const named = (...packages: readonly string[]): Readonly<Record<string, string>> =>
    Object.fromEntries(packages.flatMap((each) => (versions[each] === undefined ? [] : [[each, versions[each]]])));
  const content = {
    name:
      name
        .toLowerCase()
        .replaceAll(/[^a-z0-9._-]+/g, '-')
        .replace(/^[._-]+/, '') || 'desktops',
    private: true,
    type: 'module',
    scripts: { types: 'tsc --noEmit' },
    dependencies: named('cdk8s', 'cdk8s-plus-27', 'constructs'),
    devDependencies: named('typescript'),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function editorSettings(): string {
  const settings = {
    'yaml.schemas': { [`./${SCHEMAS}/streamspace.schema.json`]: ['*.yaml', '*.yml'] },
    'files.exclude': { node_modules: true },
  };
  return `${JSON.stringify(settings, null, 2)}\n`;
}

/** By path, in the order in which they are written. */
export function repositoryFiles(source: RepositorySource): ReadonlyMap<string, string> {
  const files = [...source.example].map(([path, text]): readonly [string, string] => [path, inItsNewPlace(path, text)]);
  return new Map([
    ...files,
    ['.gitignore', 'node_modules/\ndist/\n'],
    ['.vscode/settings.json', editorSettings()],
    ['.vscode/extensions.json', `${JSON.stringify({ recommendations: ['redhat.vscode-yaml'] }, null, 2)}\n`],
    ...(source.kind === 'cdk8s' ? [['package.json', packageJson(source)] as const] : []),
  ]);
}
