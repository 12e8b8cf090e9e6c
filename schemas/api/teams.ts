// Teams as the page shows them: who is in, by which bindings, under which policies, and where each of these stands in Git.
import * as z from 'zod';
import { dnsLabel } from '../kinds/kind.ts';
import { sessionPriority } from '../kinds/priority.ts';
import { teamRole } from '../kinds/team.ts';
import { accessOrigin } from './access.ts';
import { policyKind } from './changes.ts';
import { quotaView } from './quota.ts';

const team = z.object({
  name: z.string(),
  displayName: z.string(),
  namespace: z.string(),
  role: teamRole.nullable().describe('Of whoever asks; null: he is not in it.'),
  members: z.int().describe('People and groups with a role.'),
});
export type TeamView = z.infer<typeof team>;
export const teamList = z.object({ items: z.array(team) });

export const teamPath = z.object({ name: dnsLabel });

const origin = accessOrigin.nullable().describe('Where in Git it stands; null: it does not come from Git.');

const teamMember = z.object({ kind: z.enum(['User', 'Group']), name: z.string(), role: teamRole });

const teamBinding = z.object({
  object: z.string().describe('`AccessBinding/namespace/name`'),
  subject: z.string().describe('`user name`, `group name` or `team name`.'),
  role: z.string(),
  scope: z.string().describe('`platform`, `team name` or `session namespace/name`.'),
  notBefore: z.string().nullable(),
  expiresAt: z.string().nullable(),
  reason: z.string(),
  state: z.string().describe('Reason of its condition Ready; empty: not judged yet.'),
  origin,
});

const teamPolicy = z.object({
  kind: policyKind,
  namespace: z.string(),
  name: z.string(),
  narrowed: z.boolean().describe('It is for some sessions of the team only.'),
  scope: z.string().nullable().describe('Of a Quota: what it counts together; null: it is none.'),
  origin,
});

const offeredRole = z.object({
  name: z.string().describe('As `roleRef` of an AccessBinding has it.'),
  displayName: z.string().nullable(),
  builtIn: z.boolean().describe('It comes with StreamSpace, and nobody edits it.'),
  rules: z
    .array(z.object({ resources: z.array(z.string()), verbs: z.array(z.string()) }))
    .describe('What it gives in the team, with what it inherits.'),
  beyondTeam: z
    .array(z.string())
    .describe('`verb resource` of what an admin of the team does not have: then a platform admin alone gives it.'),
  origin,
});
export type OfferedRole = z.infer<typeof offeredRole>;

export const teamDetail = team.omit({ members: true }).extend({
  members: z.array(teamMember),
  network: z.string().nullable().describe('The NetworkProfile of its desktops; null: none is named.'),
  priority: sessionPriority.nullable().describe('null: none is named, which is `Normal`.'),
  origin,
  roles: z
    .array(offeredRole)
    .describe('What can be given in the team. AccessRoles are among them for whoever may read the bindings of the team.'),
  bindings: z
    .array(teamBinding)
    .nullable()
    .describe('Those that lie in the namespace of the team, and of the others those that the person may read; null: he may not.'),
  policies: z.array(teamPolicy).nullable().describe('null: the person may not read them.'),
  quota: quotaView.describe('What is in use of what the team may use together, and left.'),
  may: z.object({ listMachines: z.boolean().describe('See the machines of the team with their API keys.') }),
});
export type TeamDetail = z.infer<typeof teamDetail>;
