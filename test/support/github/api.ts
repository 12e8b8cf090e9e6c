// One request to the API, from its path to a checked answer.
import { createHash } from 'node:crypto';
import type { Description, Operation } from './description.ts';
import { ApiFailure, badCredentials } from './failure.ts';
import type { Forge } from './forge.ts';
import type { Json } from './json.ts';
import { observe } from './pull-requests.ts';
import { type Answer, pageOf, type Route } from './route.ts';
import { APP_ROUTES } from './routes-apps.ts';
import { COMMENT_ROUTES } from './routes-comments.ts';
import { COMMIT_ROUTES } from './routes-commits.ts';
import { PULL_ROUTES } from './routes-pulls.ts';
import { REPOSITORY_ROUTES } from './routes-repository.ts';
import { USER_ROUTES } from './routes-user.ts';
import type { Credential, Repository } from './state.ts';

const ROUTES: Readonly<Record<string, Route>> = {
  ...APP_ROUTES,
  ...USER_ROUTES,
  ...REPOSITORY_ROUTES,
  ...PULL_ROUTES,
  ...COMMENT_ROUTES,
  ...COMMIT_ROUTES,
};

export interface RawRequest {
  readonly method: string;
  /** Without `/api/v3`, still encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json | undefined;
  /** What was not as described, of the request or of the answer. */
  readonly violations: readonly string[];
}

/** Not to be called side by side: what has been pushed is taken up first. */
export async function answerApi(forge: Forge, description: Description, raw: RawRequest): Promise<ApiAnswer> {
  const path = namedPath(forge, raw.path);
  const operation = description.operation(raw.method, path);
  const told = operation?.name ?? `${raw.method} ${path}`;
  const failed = (problems: readonly string[]): ApiAnswer => {
    const violations = problems.map((problem) => `${told}: ${problem}`);
    return { status: 500, headers: {}, body: new ApiFailure(500, violations.join('; ')).body, violations };
  };
  try {
    if (typeof raw.headers['user-agent'] !== 'string')
      throw new ApiFailure(403, 'Please make sure your request has a User-Agent header');
    const credential = await credentialOf(forge, raw.headers['authorization']);
    const body = parsed(raw.text);
    if (operation === undefined) {
      return { ...failed(['is not described']), status: 404, body: new ApiFailure(404, 'Not Found').body };
    }
    const route = ROUTES[operation.name];
    if (route === undefined) return failed(['is not part of the double']);
    const problems = description.problemsOfRequest(operation, raw.query, body);
    if (problems.length > 0) return failed(problems);
    const repository = repositoryIn(forge, operation);
    if (repository !== undefined) await observe(forge, repository);
    const answer = await route({ forge, parameters: operation.parameters, query: raw.query, body, credential });
    return checked(answer.status, answer.body, { ...links(forge, raw, repository, path, answer), ...etag(raw, answer) });
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    return checked(error.status, error.body, {});
  }

  function checked(status: number, body: Json | undefined, headers: Readonly<Record<string, string>>): ApiAnswer {
    const problems = operation === undefined ? [] : description.problemsOfAnswer(operation, status, body);
    if (problems.length > 0) return failed(problems.map((problem) => `${status} ${problem}`));
    const known = headers['etag'];
    if (known !== undefined && raw.headers['if-none-match'] === known)
      return { status: 304, headers, body: undefined, violations: [] };
    return { status, headers, body, violations: [] };
  }
}

/** Links to pages name a repository by its id, which is good when it is renamed meanwhile. */
function namedPath(forge: Forge, path: string): string {
  const [, id, rest = ''] = /^\/repositories\/(\d+)(\/.*)?$/.exec(path) ?? [];
  const repository = [...forge.repositories.values()].find((each) => String(each.id) === id);
  return repository === undefined ? path : `/repos/${repository.owner.login}/${repository.name}${rest}`;
}

async function credentialOf(forge: Forge, header: string | readonly string[] | undefined): Promise<Credential | undefined> {
  if (header === undefined) return undefined;
  const [, basic] = /^basic +(\S+)$/i.exec(String(header)) ?? [];
  if (basic !== undefined) return forge.oauth.speaker(Buffer.from(basic, 'base64').toString('utf8'));
  const [, token] = /^(?:token|bearer) +(\S+)$/i.exec(String(header)) ?? [];
  if (token === undefined) throw badCredentials();
  if (token.split('.').length !== 3) return forge.credential(token);
  const { account } = await forge.apps.speaker(token, forge.now());
  return { account, kind: 'jwt', access: 'write' };
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiFailure(400, 'Problems parsing JSON');
  }
}

function repositoryIn(forge: Forge, { parameters: { owner, repo } }: Operation): Repository | undefined {
  return owner === undefined || repo === undefined ? undefined : forge.repositories.get(`${owner}/${repo}`.toLowerCase());
}

function links(
  forge: Forge,
  raw: RawRequest,
  repository: Repository | undefined,
  path: string,
  { pages }: Answer,
): Readonly<Record<string, string>> {
  if (pages === undefined || pages < 2) return {};
  const { page } = pageOf({ query: raw.query });
  const base = repository === undefined ? path : `/repositories/${repository.id}/${path.split('/').slice(4).join('/')}`;
  const to = (number: number, rel: string): string => {
    const query = new URLSearchParams(raw.query);
    query.set('page', String(number));
    return `<${forge.apiUrl}${base}?${query}>; rel="${rel}"`;
  };
  const back = page > 1 ? [to(page - 1, 'prev')] : [];
  const on = page < pages ? [to(page + 1, 'next'), to(pages, 'last')] : [];
  return { link: [...back, ...on, ...(page > 1 ? [to(1, 'first')] : [])].join(', ') };
}

function etag({ method }: RawRequest, { status, body }: Answer): Readonly<Record<string, string>> {
  if (method !== 'GET' || status !== 200) return {};
  return { etag: `W/"${createHash('sha256').update(JSON.stringify(body)).digest('hex')}"` };
}
