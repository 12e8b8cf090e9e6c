// `npm run api-test`: asks every route of the OpenAPI document of a fresh installation what nobody would ask, as several people.
// No answer may be a 5xx or differ from the document, and who may only read must never get a change through.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsReader } from '../../runtime/config/settings.ts';
import { exitCodeOf } from '../../setup/program.ts';
import { apiAs, untilPhase } from '../support/api.ts';
import { ROOT } from '../support/command.ts';
import { type Installation, LOCAL_JSON_VARIABLE, startInstallation } from '../support/installation.ts';
import { personOf, type Servers } from '../support/servers.ts';
import { coverageOf, NOT_ASKED, type OpenApiDocument, openApiDocument, operationsOf, publicOperationsOf } from './coverage.ts';

interface Asker {
  readonly name: string;
  /** Left out: somebody without a key. */
  readonly person?: string;
  /** Of a reader: paths of what everybody may change, as a regular expression. */
  readonly own?: string;
  /** What has to be refused, of all `METHOD path`. */
  readonly closed?: (operations: readonly string[], document: OpenApiDocument) => readonly string[];
}

/** What is for admins and auditors. */
const ofAdmins = (operations: readonly string[]): readonly string[] =>
  operations.filter((operation) => / \/(people|audit)(\/|$)/.test(operation));

/** The admin comes late, because he deletes what the others ask about; the one without a key last: who guesses keys is banned. */
const ASKERS: readonly Asker[] = [
  // One's own keys, layouts and second factor; whoever has a link may visit; a viewer may open what he may see, and ask there for control.
  {
    name: 'viewer',
    person: 'viewer',
    own: '^/me/|^/second-factor|^/share/|/tickets$|/control-requests$',
    closed: ofAdmins,
  },
  { name: 'member', person: 'member', closed: ofAdmins },
  { name: 'platform admin', person: 'admin' },
  {
    name: 'nobody',
    own: '^$',
    closed: (operations, document) => operations.filter((operation) => !publicOperationsOf(document).includes(operation)),
  },
];

const SESSION = 'api-test';
/** Objects that are there, by the paths that are about them. */
const KNOWN: readonly (readonly [path: string, values: Readonly<Record<string, string>>])[] = [
  ['/sessions', { namespace: 'team-web', name: SESSION }],
  ['/gitsyncs', { namespace: 'streamspace', name: 'platform' }],
  ['/templates', { namespace: 'streamspace', name: 'terminal' }],
  ['^/teams', { name: 'web', machine: 'ci' }],
  // Nobody who asks here himself: a platform admin locks and forgets him.
  ['^/people', { name: 'auditor', person: 'auditor' }],
];

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'change_is_refused',
  'closed_is_refused',
];

const settings = new SettingsReader(process.argv.slice(2), process.env);
const schemathesis = settings.text('schemathesis');
/** Questions to each route, by each asker. */
const examples = settings.integer('examples', { default: 25, min: 1, max: 10_000 });
/** The same questions again for the same number. */
const seed = settings.integer('seed', { default: 1, min: 0, max: 2 ** 31 - 1 });
/** After these it is stopped, and has failed. */
const minutes = settings.integer('minutes', { default: 20, min: 1, max: 1_440 });
/** Some of the askers, with commas between. */
const only = settings.text('as', { default: ASKERS.map(({ name }) => name).join(',') }).split(',');
settings.finish();

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

interface Asked {
  readonly servers: Servers;
  readonly document: OpenApiDocument;
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** @returns what is wrong, in words */
async function ask(
  { name, person, own, closed }: Asker,
  { servers, document, folder, signal }: Asked,
): Promise<readonly string[]> {
  const operations = operationsOf(document);
  const log = join(folder, `${name.replace(' ', '-')}.log`);
  const key = person === undefined ? [] : ['--header', `Authorization: Bearer ${personOf(servers, person).apiKey}`];
  const args = [
    'run',
    `${servers.url}/api/v1/openapi.json`,
    ...key,
    '--phases=examples,coverage,fuzzing',
    `--checks=${CHECKS.join(',')}`,
    `--max-examples=${examples}`,
    `--seed=${seed}`,
    // Random keys would be guesses.
    '--generation-with-security-parameters=false',
    '--generation-database=none',
    '--request-timeout=30',
    '--suppress-health-check=all',
    '--continue-on-failure',
    '--no-shrink',
    '--warnings=off',
    '--no-color',
  ];
  const env = {
    ...process.env,
    SCHEMATHESIS_HOOKS: 'hooks',
    PYTHONPATH: join(ROOT, 'test/api'),
    PYTHONDONTWRITEBYTECODE: '1',
    API_TEST_LOG: log,
    API_TEST_KNOWN: JSON.stringify(KNOWN),
    API_TEST_OWN: own,
    API_TEST_CLOSED: JSON.stringify(closed?.(operations, document) ?? []),
  };
  // It keeps a folder of what failed where it runs.
  const passed = (await exitCodeOf(schemathesis, args, { env, cwd: folder, signal })) === 0;
  const { asked, askable, questions, limited, missing } = coverageOf(operations, await readFile(log, 'utf8').catch(() => ''));
  print(`As ${name}: ${asked} of ${askable} operations in ${questions} questions (${limited} told to wait)`);
  return [
    ...(passed ? [] : [`answers to ${name}`]),
    ...(missing.length === 0 ? [] : [`${name} was not asked about ${missing.join(', ')}`]),
  ];
}

/** The session that is asked about; whoever asked before may have deleted it. */
async function ensureSession(servers: Servers): Promise<void> {
  const made = { metadata: { name: SESSION }, spec: { template: 'terminal' } };
  await apiAs(servers, 'member').send('POST', '/namespaces/team-web/sessions', made);
  await untilPhase(servers, 'member', SESSION, 'Running', 240_000);
}

/** One that runs already is left as it is, but for what the askers did to it. */
async function installationUnderTest(): Promise<Installation> {
  const localJson = process.env[LOCAL_JSON_VARIABLE];
  return localJson === undefined ? await startInstallation() : { localJson, [Symbol.asyncDispose]: async () => undefined };
}

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort(new Error(`stopped by ${name}`)));
const late = setTimeout(() => stopping.abort(new Error(`stopped after ${minutes} minutes`)), minutes * 60_000).unref();
const startedAt = performance.now();
const askers = ASKERS.filter(({ name }) => only.includes(name));
const wrong: string[] = askers.length === 0 ? ['nobody to ask as'] : [];
const folder = await mkdtemp(join(tmpdir(), 'streamspace-api-test-'));
try {
  await using installation = await installationUnderTest();
  const { signal } = stopping;
  const servers = JSON.parse(await readFile(installation.localJson, 'utf8')) as Servers;
  const document = openApiDocument.parse(await (await fetch(`${servers.url}/api/v1/openapi.json`)).json());
  for (const asker of askers) {
    signal.throwIfAborted();
    // The admin may have locked whoever made it, and the one without a key is told of none.
    if (asker.person !== undefined) await ensureSession(servers);
    print(`\nAs ${asker.name}`);
    wrong.push(...(await ask(asker, { servers, document, folder, signal })));
  }
  signal.throwIfAborted();
} catch (error) {
  wrong.push(error instanceof Error ? error.message : String(error));
} finally {
  clearTimeout(late);
  await rm(folder, { recursive: true, force: true });
}
for (const [operation, reason] of Object.entries(NOT_ASKED)) print(`not asked: ${operation}: ${reason}`);
const took = `${Math.round((performance.now() - startedAt) / 1000)} s`;
const words = wrong.length === 0 ? 'passed, all as documented' : `failed: ${wrong.join('; ')}`;
print(`api-test: asked as ${askers.map(({ name }) => name).join(', ')} in ${took}: ${words}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
