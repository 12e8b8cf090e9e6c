// Values as YAML text, in the style of where they are put.
import { Document, type Scalar, type ToStringOptions } from 'yaml';
import type { JsonValue } from '../../render/yaml/json.ts';
import { goTags } from '../../render/yaml/yaml-values.ts';

export interface TextStyle {
  /** Whether lists below a key are indented. */
  readonly indentSeq: boolean;
  /** Every text in double quotes: for what would be read as something else. */
  readonly quoted: boolean;
  /** A file that has to stay JSON. */
  readonly json: boolean;
}

function print(value: unknown, style: TextStyle, options: ToStringOptions = {}): string {
  const document = new Document(value, { version: '1.1', customTags: goTags, aliasDuplicateObjects: false });
  document.directives = undefined as never;
  return document.toString({
    lineWidth: 0,
    indentSeq: style.indentSeq,
    ...(style.quoted ? { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' } : {}),
    ...options,
  });
}

/** Lines that end with `\n`: `key: value`, or `- value` where there is no key. */
export function blockLines(key: string | undefined, value: JsonValue, style: TextStyle): readonly string[] {
  const text = print(key === undefined ? [value] : { [key]: value }, {
    ...style,
    indentSeq: key === undefined || style.indentSeq,
  });
  return text.replace(/\n$/, '').split('\n');
}

/** On one line. */
export function flowText(value: JsonValue, style: TextStyle): string {
  if (style.json || style.quoted) return JSON.stringify(value, (_key, each: unknown) => each);
  return print(value, style, { collectionStyle: 'flow', flowCollectionPadding: true }).trimEnd().replaceAll(/\n\s*/g, ' ');
}

export function flowPair(key: string, value: JsonValue, style: TextStyle): string {
  if (style.json || style.quoted) return `${JSON.stringify(key)}: ${flowText(value, style)}`;
  return flowText({ [key]: value }, style)
    .replace(/^\{ ?/, '')
    .replace(/ ?\}$/, '');
}

/** In the quotes that stood there. */
export function scalarText(value: JsonValue, before: Scalar, style: TextStyle & { readonly flow: boolean }): string {
  if (typeof value !== 'string') return String(value);
  if (style.json || style.quoted || before.type === 'QUOTE_DOUBLE') return JSON.stringify(value);
  if (before.type === 'QUOTE_SINGLE' && !/\p{Cc}/u.test(value)) return `'${value.replaceAll("'", "''")}'`;
  const plain = print(value, style).trimEnd();
  return plain.includes('\n') || plain === '' || (style.flow && /[,[\]{}]/.test(plain) && !/^["']/.test(plain))
    ? JSON.stringify(value)
    : plain;
}
