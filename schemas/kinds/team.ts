// Team: people with roles, and the namespace that is theirs.
import * as z from 'zod';
import { conditions, dnsLabel, type KindDefinition, type KubeObject } from './kind.ts';

export const teamRole = z.enum(['admin', 'member', 'viewer', 'auditor']);
export type TeamRole = z.infer<typeof teamRole>;

const subjectName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\s:]+$/, 'write the name as the identity provider gives it, without spaces and colons');

export const teamMember = z
  .object({
    user: subjectName.optional().describe('A person, by the name of the identity provider.'),
    group: subjectName.optional().describe('A group of the identity provider.'),
    role: teamRole.describe(
      "`admin` manages the team's templates and sessions, `member` starts sessions, `viewer` looks on, `auditor` reads.",
    ),
  })
  .meta({
    'x-kubernetes-validations': [{ rule: 'has(self.user) != has(self.group)', message: 'give exactly one of user and group' }],
  });

export const teamSpec = z.object({
  displayName: z.string().min(1).max(80).describe('The name that people see.'),
  namespace: dnsLabel
    .optional()
    .meta({
      'x-kubernetes-validations': [
        {
          rule: "!(self in ['streamspace', 'default']) && !self.startsWith('kube-')",
          message: 'choose a namespace of its own, not one of the system',
        },
      ],
    })
    .describe('The namespace of the team. Left out: `team-` and the name of the team. It cannot change later.'),
  members: z.array(teamMember).max(1000).default([]).describe('Who belongs to it, with the role of each.'),
});

export const teamStatus = z.object({
  observedGeneration: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  conditions: conditions.optional(),
  namespace: z.string().max(63).optional().describe('The namespace as it was made.'),
  members: z.int().min(0).max(1000).optional(),
});

export type TeamMember = z.infer<typeof teamMember>;
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
      rule: 'has(self.namespace) == has(oldSelf.namespace) && (!has(self.namespace) || self.namespace == oldSelf.namespace)',
      message: 'the namespace of a team cannot change: make a new team instead',
      fieldPath: '.namespace',
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
    },
  },
};
