// What is blacked out of an event: secrets always, by the names of fields and by the form of texts, and what policies name besides.
import { RE2JS } from 're2js';
import type { AuditRedaction } from '../../schemas/kinds/policies/audit-rules.ts';

export const MARKER = '[redacted]';

/** The last word of the name of a field whose plain value is a secret. */
const SECRET_NAME =
  /(^|[^a-z])(password|passwd|passphrase|secret|token|api[-_]?key|private[-_]?key|access[-_]?key|credentials?)$/i;
const SECRET_NAME_CAMEL = /(Password|Passwd|Passphrase|Secret|Token|ApiKey|PrivateKey|AccessKey|Credentials?)$/;

/** Texts that are secrets whatever field they stand in. Each is linear in the length of the text. */
const SECRET_TEXTS: readonly RegExp[] = [
  /\bssk_[A-Za-z0-9_-]{16,}/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, // RFC 7519
  /-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[^-]*(-----END [A-Z ]{0,32}PRIVATE KEY-----)?/g, // RFC 7468
  /\bBearer\s+[\w.~+/=-]{8,}/gi,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\bgh[pousr]_[A-Za-z0-9]{30,}/g,
  /\bglpat-[\w-]{20,}/g,
  /(?<=:\/\/[^\s/:@]{0,128}:)[^\s/@]{1,256}(?=@)/g, // the password in an address
];

/** Annotations and fields of an object that hold a second copy of it, or change with every write. */
const COPIES = 'kubectl.kubernetes.io/last-applied-configuration';

type Json = unknown;
type JsonMap = Readonly<Record<string, Json>>;

export function isMap(value: Json): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export class Masks {
  readonly #fields: readonly (readonly string[])[];
  readonly #patterns: readonly RE2JS[];
  /** A pattern could not be read: nothing of a text is shown then. */
  readonly #blind: boolean;

  constructor(redactions: readonly AuditRedaction[]) {
    this.#fields = redactions.flatMap(({ field }) => (field === undefined ? [] : [field.split('.')]));
    const patterns = redactions.flatMap(({ pattern }) => (pattern === undefined ? [] : [compiled(pattern)]));
    this.#patterns = patterns.filter((pattern) => pattern !== undefined);
    this.#blind = patterns.includes(undefined);
  }

  text(text: string): string {
    if (this.#blind) return MARKER;
    const known = SECRET_TEXTS.reduce((left, secret) => left.replace(secret, MARKER), text);
    return this.#patterns.reduce((left, pattern) => pattern.matcher(left).replaceAll(MARKER), known);
  }

  /** @param path of the event or of an object, from its root */
  names(path: readonly string[]): boolean {
    return this.#fields.some(
      (field) => field.length <= path.length && field.every((step, at) => step === '*' || step === path[at]),
    );
  }

  /** The same value with everything blacked out; what is blacked out as a whole is the marker. */
  tree(value: Json, path: readonly string[] = []): Json {
    if (path.length > 0 && this.names(path)) return MARKER;
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item: Json, at) => this.tree(item, [...path, String(at)]));
    if (!isMap(value)) return value;
    const named = typeof value['name'] === 'string' && isSecretName(value['name']);
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        const secret = (isSecretName(key) || (named && key === 'value')) && !isMap(item) && typeof item !== 'boolean';
        return [key, secret && item !== null ? MARKER : this.tree(item, [...path, key])];
      }),
    );
  }
}

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) || SECRET_NAME_CAMEL.test(name);
}

function compiled(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
}

/** An object as people write it: without status, versions and copies of itself. */
export function asWritten(object: Json): Json {
  if (!isMap(object)) return undefined;
  const { status: _status, metadata, ...rest } = object;
  const { labels, annotations, finalizers } = isMap(metadata) ? metadata : {};
  const own = isMap(annotations) ? Object.fromEntries(Object.entries(annotations).filter(([name]) => name !== COPIES)) : {};
  return {
    ...rest,
    metadata: {
      ...(isMap(labels) && Object.keys(labels).length > 0 ? { labels } : {}),
      ...(Object.keys(own).length > 0 ? { annotations: own } : {}),
      ...(Array.isArray(finalizers) && finalizers.length > 0 ? { finalizers } : {}),
    },
  };
}
