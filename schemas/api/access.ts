// Why somebody may do something, as it passes over /api/v1.
import * as z from 'zod';
import { ASKED_RESOURCES, ASKED_VERBS } from '../access-vocabulary.ts';
import { dnsLabel } from '../kinds/kind.ts';

const whom = { user: z.string().min(1).max(128).optional().describe('A person. Left out: whoever asks.') };

/** Of everything that somebody was given. */
export const accessGrantsQuery = z.object(whom);

export const accessQuery = z
  .object({
    ...whom,
    verb: z.enum(ASKED_VERBS),
    resource: z.enum(ASKED_RESOURCES).default('sessions'),
    team: dnsLabel.optional().describe('In the namespace of this Team.'),
    namespace: dnsLabel.optional().describe('In this namespace. Left out with team: in the whole cluster.'),
    session: dnsLabel.optional().describe('Of this session, in the namespace.'),
  })
  .refine(({ team, namespace }) => team === undefined || namespace === undefined, 'give team or namespace')
  .refine(
    ({ team, namespace, session }) => session === undefined || (team ?? namespace) !== undefined,
    'a session needs its namespace',
  );

export const accessOrigin = z.object({
  object: z.string().describe('`Kind/namespace/name`, or `Kind/name`.'),
  gitSync: z.string().describe('`namespace/name` of the GitSync that applies it.'),
  url: z.string().describe('The repository.'),
  file: z.string().nullable(),
  line: z.int().nullable(),
  revision: z.string().nullable().describe('The commit that last changed the file; null: not known.'),
});
export type AccessOrigin = z.infer<typeof accessOrigin>;

export const accessPath = z.object({
  source: z
    .string()
    .describe('What gives it: `Team/name`, `AccessBinding/namespace/name`, `Session/namespace/name`, or `Installation`.'),
  subject: z.string().describe('As whom: `user name` or `group name`.'),
  role: z.string().describe('The role that is given.'),
  inheritance: z.array(z.string()).describe('From that role to the one that has the rule.'),
  rule: z.object({ resources: z.array(z.string()), verbs: z.array(z.string()) }),
  scope: z.string().describe('`platform`, `namespace name`, or `session namespace/name`.'),
  expiresAt: z.string().nullable(),
  reason: z.string().nullable().describe('Of an AccessBinding.'),
  origins: z
    .array(accessOrigin)
    .describe('Where in Git the objects of this path stand; those that do not come from Git have none.'),
});
export type AccessPathView = z.infer<typeof accessPath>;

export const accessExplanation = z.object({
  user: z.string(),
  groups: z.array(z.string()).describe('As the identity provider last told them.'),
  verb: z.string(),
  resource: z.string(),
  namespace: z.string().nullable(),
  session: z.string().nullable(),
  allowed: z.boolean().describe('What the API server says.'),
  paths: z.array(accessPath).describe('Empty though it is allowed: rights that StreamSpace has not made.'),
});
export type AccessExplanation = z.infer<typeof accessExplanation>;

/** Everything that somebody was given. */
export const accessGrants = z.object({
  user: z.string(),
  groups: z.array(z.string()).describe('As the identity provider last told them.'),
  paths: z.array(accessPath).describe('One for each rule, by the place where it holds.'),
});
export type AccessGrants = z.infer<typeof accessGrants>;
