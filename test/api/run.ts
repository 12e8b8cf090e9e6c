// `npm run api-test`: asks every route of the OpenAPI document of a fresh installation what nobody would ask, as several people.
// No answer may be a 5xx or differ from the document, and who may only read must never get a change through.
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsReader } from '../../runtime/config/settings.ts';
import { exitCodeOf } from '../../setup/program.ts';
import { ROOT } from '../support/command.ts';
import { startInstallation } from '../support/installation.ts';
import { personOf, type Servers } from '../support/servers.ts';

interface Asker {
  readonly name: string;
  /** Left out: somebody without a key. */
  readonly person?: string;
  /** Of a reader: paths of what everybody may change, as a regular expression. */
  readonly own?: string;
}

/** The one without a key comes last: who guesses keys is banned for ten minutes. */
const ASKERS: readonly Asker[] = [
  { name: 'platform admin', person: 'admin' },
  { name: 'member', person: 'member' },
  // One's own keys and layouts; whoever has a link may visit; a viewer may open what he may see, and ask there for control.
  { name: 'viewer', person: 'viewer', own: '^/me/|^/share/|/tickets$|/control-requests$' },
  { name: 'nobody', own: '^$' },
];

const CHECKS = ['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_schema_conformance'];

const settings = new SettingsReader(process.argv.slice(2), process.env);
const schemathesis = settings.text('schemathesis');
/** Questions to each route, by each asker. */
const examples = settings.integer('examples', { default: 25, min: 1, max: 10_000 });
/** The same questions again for the same number. */
const seed = settings.integer('seed', { default: 1, min: 0, max: 2 ** 31 - 1 });
/** Some of the askers, with commas between. */
const only = settings.text('as', { default: ASKERS.map(({ name }) => name).join(',') }).split(',');
settings.finish();

async function ask(servers: Servers, { person, own }: Asker, signal: AbortSignal): Promise<boolean> {
  const key = person === undefined ? [] : ['--header', `Authorization: Bearer ${personOf(servers, person).apiKey}`];
  const checks = own === undefined ? CHECKS : [...CHECKS, 'change_is_refused'];
  const args = [
    'run',
    `${servers.url}/api/v1/openapi.json`,
    ...key,
    '--phases=examples,coverage,fuzzing',
    `--checks=${checks.join(',')}`,
    `--max-examples=${examples}`,
    `--seed=${seed}`,
    // Random keys would be guesses.
    '--generation-with-security-parameters=false',
    '--generation-database=none',
    '--request-timeout=30',
    '--suppress-health-check=all',
    '--continue-on-failure',
    '--warnings=off',
    '--no-color',
  ];
  const env = {
    ...process.env,
    SCHEMATHESIS_HOOKS: 'hooks',
    PYTHONPATH: join(ROOT, 'test/api'),
    PYTHONDONTWRITEBYTECODE: '1',
    API_TEST_OWN: own,
  };
  // It keeps a folder of what failed where it runs.
  return (await exitCodeOf(schemathesis, args, { env, cwd: tmpdir(), signal })) === 0;
}

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort(new Error(`stopped by ${name}`)));
const failed: string[] = [];
const askers = ASKERS.filter(({ name }) => only.includes(name));
{
  await using installation = await startInstallation();
  const servers = JSON.parse(await readFile(installation.localJson, 'utf8')) as Servers;
  for (const asker of askers) {
    stopping.signal.throwIfAborted();
    process.stdout.write(`\nAs ${asker.name}\n`);
    if (!(await ask(servers, asker, stopping.signal))) failed.push(asker.name);
  }
}
const words = failed.length === 0 ? 'all as documented' : `failed as ${failed.join(', ')}`;
process.stdout.write(`api-test: asked as ${askers.map(({ name }) => name).join(', ')}: ${words}\n`);
process.exitCode = failed.length === 0 && askers.length > 0 ? 0 : 1;
