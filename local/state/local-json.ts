// local.json: where the running installation answers and with what one signs in. For people, scripts and tests; mode 0600.
import * as z from 'zod';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { FINDING_CODES } from '../findings.ts';
import { readFileIfThere, writeFileAtomically } from './files.ts';

const schema = z.object({
  url: z.string(),
  /** Of the cluster's administrator. */
  kubeconfig: z.string(),
  git: z.object({ url: z.string(), branch: z.string() }),
  databaseUrl: z.string(),
  people: z.array(z.object({ name: z.string(), role: z.string(), password: z.string(), apiKey: z.string() })),
  stateDir: z.string(),
  /** `local`: the one-node cluster that we supervise. `external`: the one of `--kubeconfig`. */
  cluster: z.enum(['local', 'external']),
  controller: z.object({ url: z.string(), metricsUrl: z.string() }),
  identity: z.object({ issuer: z.string() }),
  /** JSON lines of the API server; only of the local cluster. */
  auditLog: z.string().optional(),
  /** What this installation does not do, each with its stable code. */
  findings: z.array(z.object({ code: z.enum(FINDING_CODES), message: z.string() })),
});
export type LocalJson = z.infer<typeof schema>;

export async function writeLocalJson(path: string, content: LocalJson): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(content, null, 2)}\n`);
}

/** `undefined` when there is none. @throws StreamSpaceError `NotRunning` for a file of an older version */
export async function readLocalJson(path: string): Promise<LocalJson | undefined> {
  const text = await readFileIfThere(path);
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new StreamSpaceError('NotRunning', `${path} was written by another version`);
  return parsed.data;
}
