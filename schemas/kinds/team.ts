// Team: people with roles, and the namespace that is theirs.
import * as z from 'zod';
import { MACHINE_NAME_MAX, MACHINE_TEAM_MAX, SUBJECT_NAME, SYSTEM_NAMESPACE } from '../names.ts';
import { cel, conditions, dnsLabel, type KindDefinition, type KubeObject, observedGeneration } from './kind.ts';
import { sessionPriority } from './priority.ts';

export const teamRole = z.enum(['admin', 'member', 'viewer', 'auditor']);
export type TeamRole = z.infer<typeof teamRole>;

export const subjectName = z
  .string()
  .min(1)
  .max(128)
  .regex(SUBJECT_NAME, 'write the name as the identity provider gives it, or provider:name, without spaces');

export const teamMember = z
  .object({
    user: subjectName.optional().describe('A person, by the name of the identity provider.'),
    group: subjectName.optional().describe('A group of the identity provider.'),
    role: teamRole.describe(
      "`admin` manages the team's templates, policies and sessions, `member` starts sessions, `viewer` looks on, `auditor` reads.",
    ),
  })
  .refine((member) => (member.user === undefined) !== (member.group === undefined), 'give exactly one of user and group')
  .meta(cel({ rule: 'has(self.user) != has(self.group)', message: 'give exactly one of user and group' }))
  .describe('A person or a group, with a role.');

const ONCE = 'give each machine another name';

export const teamMachine = z
  .object({
    name: dnsLabel
      .max(MACHINE_NAME_MAX)
      .describe('Its name in the team. Everywhere else it is `machine:<team>.<name>`; its ServiceAccount is `machine-<name>`.'),
    role: teamRole.describe('As of a member.'),
    description: z.string().min(1).max(200).optional().describe('What it is for.'),
  })
  .describe('A user that is a program, such as a CI pipeline.');

const NOT_A_SYSTEM_NAMESPACE = 'choose a namespace of its own, not one of the system';
const isSystemNamespace = (name: string): boolean => name === SYSTEM_NAMESPACE || name === 'default' || name.startsWith('kube-');

export const teamDefaults = z.object({
  network: dnsLabel
    .optional()
    .describe(
      'A NetworkProfile in `streamspace`: the most that a desktop of the team may connect to. One of the same name in the namespace of the team narrows it, as a Template does. Left out: nothing may be connected to.',
    ),
});

export const teamSpec = z.object({
  displayName: z.string().min(1).max(80).describe('The name that people see.'),
  namespace: dnsLabel
    .refine((name) => !isSystemNamespace(name), NOT_A_SYSTEM_NAMESPACE)
    .meta(cel({ rule: "!(self in ['streamspace', 'default']) && !self.startsWith('kube-')", message: NOT_A_SYSTEM_NAMESPACE }))
    .optional()
    .describe('The namespace of the team. Left out: `team-` and the name of the team. It cannot change later.'),
  members: z.array(teamMember).max(1000).default([]).describe('Who belongs to it, with the role of each.'),
  machines: z
    .array(teamMachine)
    .max(50)
    .refine((machines) => new Set(machines.map(({ name }) => name)).size === machines.length, ONCE)
    .meta(cel({ rule: 'self.all(one, self.exists_one(other, other.name == one.name))', message: ONCE }))
    .optional()
    .describe('Programs that act for it, with the role of each. They have API keys and tokens, and never sign in.'),
  defaults: teamDefaults.optional().describe('What holds for its desktops.'),
  priority: sessionPriority
    .optional()
    .describe('Who goes first where sessions wait for room, and the PriorityClass of their pods. Left out: `Normal`.'),
});

export const teamStatus = z.object({
  observedGeneration: observedGeneration.optional(),
  conditions: conditions.optional(),
  namespace: z.string().max(63).optional().describe('The namespace as it was made.'),
  members: z.int().min(0).max(1000).optional().describe('How many people and groups have a role.'),
});

export type TeamMember = z.infer<typeof teamMember>;
export type TeamMachine = z.infer<typeof teamMachine>;
export type TeamSpec = z.infer<typeof teamSpec>;
export type TeamStatus = z.infer<typeof teamStatus>;
export type Team = KubeObject<TeamSpec, TeamStatus>;

export function teamNamespace(team: {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly namespace?: string | undefined };
}): string {
  return team.spec.namespace ?? `team-${team.metadata.name}`;
}

export const teamKind: KindDefinition = {
  kind: 'Team',
  plural: 'teams',
  singular: 'team',
  shortNames: [],
  scope: 'Cluster',
  description: 'People with roles, and the namespace that is theirs.',
  spec: teamSpec,
  status: teamStatus,
  rules: [
    {
      rule: 'has(self.__namespace__) == has(oldSelf.__namespace__) && (!has(self.__namespace__) || self.__namespace__ == oldSelf.__namespace__)',
      message: 'the namespace of a team cannot change: make a new team instead',
      fieldPath: '.namespace',
    },
  ],
  objectRules: [
    {
      rule: "has(self.spec.namespace) || (self.metadata.name.size() <= 58 && !self.metadata.name.contains('.'))",
      message: 'the namespace is called team- plus this name: use at most 58 characters and no dots, or give spec.namespace',
      fieldPath: '.metadata.name',
    },
    {
      rule: `!has(self.spec.machines) || self.spec.machines.size() == 0 || self.metadata.name.size() <= ${MACHINE_TEAM_MAX}`,
      message: `a team with machines has a name of at most ${MACHINE_TEAM_MAX} characters, which is part of theirs`,
      fieldPath: '.metadata.name',
    },
  ],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Namespace', type: 'string', jsonPath: '.status.namespace' },
    { name: 'Members', type: 'integer', jsonPath: '.status.members' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: {
    Ready: {
      NamespaceReady: 'Namespace, rights and network policies are in place.',
      NamespaceTaken: "The namespace exists and is not this team's.",
      NamespaceTerminating: 'The namespace is being deleted; it is made again afterwards, unless the team is deleted too.',
      SessionsRemain: 'The team was deleted while it has sessions; it stays until they are terminated or deleted.',
    },
  },
};
