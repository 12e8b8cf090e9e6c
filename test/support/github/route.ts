// What a route is given and what it gives, and the checks that all of them begin with.
import { ApiFailure, forbidden, notFound } from './failure.ts';
import type { Forge } from './forge.ts';
import type { Json, JsonObject } from './json.ts';
import type { Account, Credential, PullRequest, Repository, Role } from './state.ts';

export interface ApiRequest {
  readonly forge: Forge;
  /** Of the path, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Already found to be as described. */
  readonly body: unknown;
  readonly credential: Credential | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body?: Json;
  /** Of a list: how many pages it has; the `Link` header follows from it. */
  readonly pages?: number;
}

export type Route = (request: ApiRequest) => Promise<Answer>;

const DEFAULT_PER_PAGE = 30;
const MAX_PER_PAGE = 100;

/** Rejects with 404 where the account may not even read, so that nobody learns what exists. */
export function repositoryOf(request: ApiRequest, wanted: Role): Repository {
  const { forge, parameters, credential } = request;
  const repository = forge.repository(parameters['owner'] ?? '', parameters['repo'] ?? '');
  if (!forge.has(repository, credential?.account, 'read')) throw notFound();
  if (wanted !== 'read') {
    writer(request);
    if (!forge.has(repository, credential?.account, wanted)) throw forbidden(`Must have ${wanted} access to repository.`);
  }
  return repository;
}

/** Who is behind a request that changes something. @throws ApiFailure 401, or 403 for a token that may only read */
export function writer({ credential }: ApiRequest): Account {
  if (credential === undefined) throw new ApiFailure(401, 'Requires authentication');
  if (credential.access === 'read') throw forbidden();
  return credential.account;
}

export function pullRequestOf({ parameters }: ApiRequest, repository: Repository): PullRequest {
  const pull = repository.pulls.get(Number(parameters['pull_number'] ?? parameters['issue_number']));
  if (pull === undefined) throw notFound();
  return pull;
}

export function pageOf({ query }: Pick<ApiRequest, 'query'>): { readonly page: number; readonly perPage: number } {
  const number = (name: string, otherwise: number): number => {
    const value = Number(query.get(name) ?? otherwise);
    return Number.isInteger(value) && value > 0 ? value : otherwise; // GitHub overlooks what is no number
  };
  return { page: number('page', 1), perPage: Math.min(number('per_page', DEFAULT_PER_PAGE), MAX_PER_PAGE) };
}

export async function list<T>(
  request: ApiRequest,
  all: readonly T[],
  present: (item: T) => JsonObject | Promise<JsonObject>,
): Promise<Answer & { readonly body: readonly JsonObject[] }> {
  const { page, perPage } = pageOf(request);
  const shown = all.slice((page - 1) * perPage, page * perPage);
  return { status: 200, body: await Promise.all(shown.map(present)), pages: Math.max(1, Math.ceil(all.length / perPage)) };
}
