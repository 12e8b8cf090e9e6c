// /api/v1 for commands: whose key at which address, and problems as the errors of the command.
import { readFileSync } from 'node:fs';
import { readLocalJson } from '../local/state/local-json.ts';
import { statePaths } from '../local/state/state.ts';
import { ERRORS, type ErrorCode, StreamSpaceError } from '../schemas/errors.ts';
import type { CliContext } from './command.ts';
import { foldersOf, type StateOption } from './commands/state-option.ts';

export interface GatewayOptions extends StateOption {
  /** Of a gateway elsewhere; the key is then in STREAMSPACE_API_KEY, or in the file that STREAMSPACE_API_KEY_FILE names. */
  readonly server?: string;
  /** A person of the local installation. Default `admin`. */
  readonly as?: string;
}

export interface GatewayApi {
  /** Without a slash at the end. */
  readonly url: string;
  /** @throws StreamSpaceError with the code of the problem, or `GatewayUnreachable` */
  call<T>(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>;
  /**
   * The lines of an answer that may be long, as many as come at once, without the `null` that ends a whole one.
   * @throws StreamSpaceError as `call` does, and `GatewayUnreachable` where the end is missing
   */
  lines(path: string): AsyncIterable<readonly string[]>;
  /** An answer that may be long, as it comes. @throws StreamSpaceError as `call` does, also where it breaks off */
  bytes(path: string): AsyncIterable<Uint8Array>;
}

interface Access {
  readonly url: string;
  readonly key: string;
}

const TIMEOUT_MS = 30_000;

export async function openGatewayApi(options: GatewayOptions, context: CliContext): Promise<GatewayApi> {
  const { url, key } = options.server === undefined ? await localAccess(options, context) : remoteAccess(options.server, context);
  return {
    url,
    async call<T>(method: string, path: string, body?: unknown): Promise<T> {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        signal: AbortSignal.any([context.signal, AbortSignal.timeout(TIMEOUT_MS)]),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }).catch((cause: unknown) => {
        context.signal.throwIfAborted();
        throw new StreamSpaceError('GatewayUnreachable', `${url} does not answer`, { cause });
      });
      warnOfEnd(response.headers.get('authentication-info'), key, context);
      const text = await response.text();
      if (!response.ok) throw problemFrom(text, `${url} answered with status ${response.status}`);
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
    lines: (path) => linesOf(`${url}/api/v1${path}`, key, context),
    bytes: (path) => bytesOf(`${url}/api/v1${path}`, key, context),
  };
}

async function* bytesOf(address: string, key: string, { signal }: CliContext): AsyncGenerator<Uint8Array> {
  const unreachable = (cause: unknown): never => {
    signal.throwIfAborted();
    throw new StreamSpaceError('GatewayUnreachable', `${address} does not answer to its end`, { cause });
  };
  const response = await fetch(address, { headers: { authorization: `Bearer ${key}` }, signal }).catch(unreachable);
  if (!response.ok) throw problemFrom(await response.text(), `${address} answered with status ${response.status}`);
  try {
    for await (const chunk of response.body ?? []) yield chunk;
  } catch (error) {
    unreachable(error);
  }
}

async function* linesOf(address: string, key: string, context: CliContext): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytesOf(address, key, context)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (lines.at(-1) === 'null') {
      yield lines.slice(0, -1);
      return;
    }
    yield lines;
  }
  const cause = new Error('the last line is missing');
  throw new StreamSpaceError('GatewayUnreachable', `${address} does not answer to its end`, { cause });
}

async function localAccess(options: GatewayOptions, context: CliContext): Promise<Access> {
  const { stateDir } = foldersOf(options, context);
  const local = await readLocalJson(statePaths(stateDir).localJson);
  if (local === undefined) throw new StreamSpaceError('NotRunning', `nothing runs (state folder ${stateDir})`);
  const name = options.as ?? 'admin';
  const person = local.people.find((candidate) => candidate.name === name);
  if (person !== undefined) return { url: local.url, key: person.apiKey };
  throw new StreamSpaceError(
    'UsageInvalid',
    `--as ${name}: the people here are ${local.people.map((each) => each.name).join(', ')}`,
  );
}

function remoteAccess(server: string, { env }: CliContext): Access {
  const url = URL.parse(server);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new StreamSpaceError('UsageInvalid', '--server must be an http or https URL');
  const file = env['STREAMSPACE_API_KEY_FILE'];
  const key = env['STREAMSPACE_API_KEY'] ?? (file === undefined || file === '' ? undefined : keyOfFile(file));
  if (key === undefined || key === '')
    throw new StreamSpaceError(
      'UsageInvalid',
      '--server needs an API key or a token in STREAMSPACE_API_KEY, or in the file that STREAMSPACE_API_KEY_FILE names',
    );
  return { url: url.origin, key };
}

/** Such as the projected token of a service account, which the kubelet replaces before it ends. */
function keyOfFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new StreamSpaceError('UsageInvalid', `STREAMSPACE_API_KEY_FILE: ${file} cannot be read`, { cause });
  }
}

const WARN_DAYS = 7;
const DAY_MS = 24 * 3_600_000;
const told = new WeakSet<CliContext>();

/**
 * Once a command. A token of a service account is made for an hour or less, and ends soon always.
 * @param info `Authentication-Info` (RFC 9110, 11.6.3) of an answer
 */
function warnOfEnd(info: string | null, key: string, context: CliContext): void {
  const isToken = !key.startsWith('ssk_');
  const expires = /(?:^|[,\s])expires="([^"]+)"/.exec(info ?? '')?.[1];
  const leftMs = expires === undefined ? Number.NaN : Date.parse(expires) - Date.now();
  if (isToken || told.has(context) || !(leftMs < WARN_DAYS * DAY_MS)) return;
  told.add(context);
  context.stderr.write(`warning: this API key ends at ${expires}; replace it with: streamspace keys rotate\n`);
}

/** A gateway of a newer version may have codes that this command does not know. */
function problemFrom(text: string, fallback: string): StreamSpaceError {
  let problem: { readonly code?: unknown; readonly detail?: unknown } | null = null;
  try {
    problem = JSON.parse(text);
  } catch {
    // A proxy's page; the status says enough.
  }
  const code = typeof problem?.code === 'string' ? problem.code : '';
  const detail = typeof problem?.detail === 'string' ? problem.detail : fallback;
  return isErrorCode(code) ? new StreamSpaceError(code, detail) : new StreamSpaceError('GatewayUnreachable', detail);
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}
