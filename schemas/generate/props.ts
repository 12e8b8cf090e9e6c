// The fields of a kind as TypeScript interfaces with a sentence and a default each: what the toolkit's props are made of.
import type { KindDefinition } from '../kinds/kind.ts';
import { type Field, fieldOf } from './field.ts';
import { GENERATED, type Output } from './output.ts';

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const singular = (text: string): string => (text.endsWith('s') ? text.slice(0, -1) : text);

/** A value as TypeScript; JSON is one, but single quotes are the house's. */
function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}

function typeOf(field: Field, name: string): string {
  switch (field.type) {
    case 'boolean':
      return 'boolean';
    case 'integer':
      return 'number';
    case 'object':
      return name;
    case 'array': {
      if (field.items === undefined) throw new TypeError(`${name}: an array needs items`);
      const item = typeOf(field.items, singular(name));
      return `readonly ${item.includes('|') ? `(${item})` : item}[]`;
    }
    case 'string':
      if (field.enum !== undefined) return field.enum.map(literal).join(' | ');
      if (field.unit === 'bytes') return 'Size | string';
      return field.unit === 'duration' ? 'Duration | string' : 'string';
  }
}

function commentOf(field: Field, required: boolean): string {
  const text = field.description ?? '';
  if (required) return `  /** ${text} */`;
  const fallback = field.default === undefined ? '- left out' : literal(field.default);
  return `  /**\n   * ${text}\n   * @default ${fallback}\n   */`;
}

/** Nested objects first, so that a reader meets a name after its definition. */
function* interfacesOf(field: Field, name: string, sentence: string): Generator<string> {
  const properties = Object.entries(field.properties ?? {});
  for (const [key, property] of properties) {
    const nested = `${name}${capital(key)}`;
    if (property.type === 'object') yield* interfacesOf(property, nested, property.description ?? '');
    else if (property.items?.type === 'object') {
      yield* interfacesOf(property.items, singular(nested), property.items.description ?? property.description ?? '');
    }
  }
  const lines = properties.map(([key, property]) => {
    const required = field.required?.includes(key) ?? false;
    const type = typeOf(property, `${name}${capital(key)}`);
    return `${commentOf(property, required)}\n  readonly ${key}${required ? '' : '?'}: ${type}${required ? '' : ' | undefined'};`;
  });
  yield `/** ${sentence} */\nexport interface ${name} {\n${lines.join('\n')}\n}`;
}

/** `TemplateFields`, with `TemplateDesktop` and so on below it, for each kind. */
export function propsFile(path: string, kinds: readonly KindDefinition[]): Output {
  const blocks = kinds.flatMap((kind) => {
    const [root, ...nested] = [...interfacesOf(fieldOf(kind.spec, 'spec'), kind.kind, kind.description)].reverse();
    if (root === undefined) throw new TypeError(`${kind.kind}: no fields`);
    return [...nested.reverse(), root.replace(`interface ${kind.kind} {`, `interface ${kind.kind}Fields {`)];
  });
  const imports = ['Duration', 'Size'].filter((name) => blocks.some((block) => block.includes(`: ${name} |`)));
  const head = [`// ${GENERATED}`, `import type { ${imports.join(', ')} } from 'cdk8s';`];
  return { path, text: `${[head.join('\n'), ...blocks].join('\n\n')}\n` };
}
