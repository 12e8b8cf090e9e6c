// A component of Mantine without its styles looks nearly right, so a person may not see that they are missing; this does.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** What a component is made of, where its name does not say so. */
const MADE_OF: Readonly<Record<string, readonly string[]>> = { Select: ['Combobox'], Textarea: ['Input'], TextInput: ['Input'] };

test('every component of Mantine that is used has its styles', () => {
  const source = join(import.meta.dirname, '..');
  const styles = createRequire(import.meta.url)
    .resolve('@mantine/core/styles/Button.css')
    .replace(/Button\.css$/, '');
  const texts = globSync('**/*.{tsx,css}', { cwd: source }).map((file) => readFileSync(join(source, file), 'utf8'));
  const all = texts.join('\n');
  const used = new Set(
    [...all.matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)].flatMap(([, names = '']) =>
      names.split(',').map((name) => name.trim()),
    ),
  );
  expect(used).toContain('Button');
  const missing = [...used]
    .flatMap((name) => [name, ...(MADE_OF[name] ?? [])])
    .filter((name) => existsSync(join(styles, `${name}.css`)) && !all.includes(`@mantine/core/styles/${name}.css`));
  expect(missing).toEqual([]);
});
