// GitHub's published OpenAPI description: which operation a request is, and whether bodies are as it says.
import { readFileSync } from 'node:fs';
import { cacheFolder } from '../../../local/state/state.ts';
import { githubDescriptionFile } from '../../../setup/github-description.ts';
import { at, isRecord, listAt, textAt } from './json.ts';
import { Schemas } from './schemas.ts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
/** Their values have slashes; clients send them as they are or as `%2F`. */
const LONG_PARAMETERS = new Set(['ref', 'branch', 'path']);

interface Template {
  readonly template: string;
  readonly pattern: RegExp;
  readonly literalLength: number;
}

export interface Operation {
  /** `GET /repos/{owner}/{repo}` */
  readonly name: string;
  /** Decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

export class Description {
  readonly #document: unknown;
  readonly #schemas: Schemas;
  readonly #templates = new Map<string, readonly Template[]>();

  constructor(document: unknown) {
    this.#document = document;
    this.#schemas = new Schemas(document);
    for (const method of METHODS) {
      const paths = Object.entries(isRecord(at(document, 'paths')) ? (at(document, 'paths') ?? {}) : {});
      const found = paths.filter(([, path]) => at(path, method) !== undefined).map(([template]) => templateOf(template));
      this.#templates.set(
        method,
        found.toSorted((a, b) => b.literalLength - a.literalLength),
      ); // the most exact one first
    }
  }

  operation(method: string, path: string): Operation | undefined {
    for (const { template, pattern } of this.#templates.get(method.toLowerCase()) ?? []) {
      const match = pattern.exec(path);
      if (match === null) continue;
      const parameters = Object.fromEntries(
        Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
      );
      return { name: `${method} ${template}`, parameters };
    }
    return undefined;
  }

  /** A parameter or a field that is not described is a mistake of the client here; GitHub itself overlooks it. */
  problemsOfRequest(operation: Operation, query: URLSearchParams, body: unknown): readonly string[] {
    const described = this.#described(operation);
    const parameters = listAt(described, 'parameters').map((each) => this.#resolved(each));
    const names = parameters.filter((each) => textAt(each, 'in') === 'query').map((each) => textAt(each, 'name'));
    const unknown = [...query.keys()].filter((name) => !names.includes(name)).map((name) => `?${name} is not described`);
    const schema = at(described, 'requestBody', 'content', 'application/json', 'schema');
    const required = at(described, 'requestBody', 'required') === true;
    if (body === undefined) return required ? [...unknown, 'a body is required'] : unknown;
    if (schema === undefined) return [...unknown, 'no body is described'];
    return [...unknown, ...this.#schemas.problems(`${operation.name} request`, schema, 'closed', body)];
  }

  /** Errors are described in part only (no 401, no 429): one that is not must at least look like all others. */
  problemsOfAnswer(operation: Operation, status: number, body: unknown): readonly string[] {
    const described = this.#resolved(at(this.#described(operation), 'responses', String(status)));
    if (described === undefined && status < 300) return [`the status ${status} is not described`];
    const schema = at(described, 'content', 'application/json', 'schema');
    if (schema !== undefined) return this.#schemas.problems(`${operation.name} ${status}`, schema, 'closed', body);
    if (status >= 400) return this.problemsOfError(status, body);
    return body === undefined ? [] : [`no body is described for ${status}`];
  }

  problemsOfError(status: number, body: unknown): readonly string[] {
    const name = status === 422 ? 'validation-error' : 'basic-error';
    return this.#schemas.problems(name, { $ref: `#/components/schemas/${name}` }, 'closed', body);
  }

  /** `pull-request-opened`, `push`. Open: payloads have fields that their description leaves out. */
  problemsOfDelivery(name: string, payload: unknown): readonly string[] {
    const body = at(this.#document, 'x-webhooks', name, 'post', 'requestBody', 'content', 'application/json', 'schema');
    if (body === undefined) return ['no such delivery is described'];
    return this.#schemas.problems(`delivery ${name}`, body, 'open', payload);
  }

  #described({ name }: Operation): unknown {
    const [method = '', template = ''] = name.split(' ');
    return at(this.#document, 'paths', template, method.toLowerCase());
  }

  #resolved(value: unknown): unknown {
    const ref = textAt(value, '$ref');
    return ref === undefined ? value : at(this.#document, ...ref.slice(2).split('/'));
  }
}

function templateOf(template: string): Template {
  const pattern = template.replaceAll(/[.+]/g, '\\$&').replaceAll(/\{([a-z_]+)\}/g, (_, name: string) => {
    return `(?<${name}>${LONG_PARAMETERS.has(name) ? '.+' : '[^/]+'})`;
  });
  return { template, pattern: new RegExp(`^${pattern}$`), literalLength: template.replaceAll(/\{[a-z_]+\}/g, '').length };
}

let loaded: Description | undefined;

/** 13 MB of JSON, a third of a second: read once in a process, and only by who needs it. The set-up of the tests puts it there. */
export function description(): Description {
  if (loaded === undefined) {
    const document: unknown = JSON.parse(readFileSync(githubDescriptionFile(cacheFolder(process.env, process.cwd())), 'utf8'));
    loaded = new Description(document);
  }
  return loaded;
}
