// AccessRole: rights by name, of its own and inherited. What it may say is the vocabulary of schemas/access-vocabulary.ts.
import * as z from 'zod';
import { ACCESS_RESOURCES, ACCESS_VERBS, ACCESS_VOCABULARY, type AccessResource } from '../../access-vocabulary.ts';
import { ALL_SEED_ROLES, INHERITABLE_SEED_ROLES } from '../../seed-roles.ts';
import { cel, conditions, dnsLabel, type KindDefinition, type KubeObject, observedGeneration } from '../kind.ts';

export const accessLevel = z.enum(['Platform', 'Team', 'Session']);
export type AccessLevel = z.infer<typeof accessLevel>;

const NOT_A_VERB_OF = 'a verb does not exist on a resource of the rule: write one rule for each';
const fits = (resource: AccessResource, verb: string): boolean =>
  (ACCESS_VOCABULARY[resource] as readonly string[]).includes(verb);

/** The vocabulary as a map of CEL. */
const VOCABULARY_CEL = `{${ACCESS_RESOURCES.map((resource) => `'${resource}': [${ACCESS_VOCABULARY[resource].map((verb) => `'${verb}'`).join(', ')}]`).join(', ')}}`;

export const accessRule = z
  .object({
    resources: z.array(z.enum(ACCESS_RESOURCES)).min(1).max(16).describe('What the rule is about, as the API calls it.'),
    verbs: z
      .array(z.enum(ACCESS_VERBS))
      .min(1)
      .max(16)
      .describe('What may be done with it; each has to exist on every resource.'),
  })
  .refine(({ resources, verbs }) => resources.every((resource) => verbs.every((verb) => fits(resource, verb))), NOT_A_VERB_OF)
  .meta(
    cel({
      rule: `self.resources.all(resource, self.verbs.all(verb, verb in ${VOCABULARY_CEL}[resource]))`,
      message: NOT_A_VERB_OF,
    }),
  )
  .describe('Verbs on resources.');
export type AccessRule = z.infer<typeof accessRule>;

const NOT_INHERITED = 'platform-admin cannot be inherited: it has every right, also those that no role can name';

export const accessRoleSpec = z.object({
  displayName: z.string().min(1).max(80).optional().describe('The name that people see.'),
  rules: z.array(accessRule).max(32).default([]).describe('Rights of its own.'),
  inherits: z
    .array(dnsLabel.refine((name) => name !== 'platform-admin', NOT_INHERITED).describe('The name of a role.'))
    .max(16)
    .meta({
      'x-kubernetes-list-type': 'set',
      ...cel({ rule: "!('platform-admin' in self)", message: NOT_INHERITED }),
    })
    .default([])
    .describe(
      `Roles whose rights it has too: AccessRoles, or ${INHERITABLE_SEED_ROLES.map((name) => `\`${name}\``).join(', ')} as a team has them, without the right to grant.`,
    ),
  assignableAt: z
    .array(accessLevel)
    .min(1)
    .max(3)
    .meta({ 'x-kubernetes-list-type': 'set' })
    .describe('Where an AccessBinding may give it: on the whole platform, in a team, on one session.'),
});

export const accessRoleStatus = z.object({
  observedGeneration: observedGeneration.optional(),
  conditions: conditions.optional(),
  rules: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional().describe('How many rules it has with those that it inherits.'),
  beyondTeam: z
    .string()
    .max(4096)
    .optional()
    .describe('What of it an admin of a team does not have, and so cannot give: `verb resource`, with commas. Empty: nothing.'),
});

export type AccessRoleSpec = z.infer<typeof accessRoleSpec>;
export type AccessRoleStatus = z.infer<typeof accessRoleStatus>;
export type AccessRole = KubeObject<AccessRoleSpec, AccessRoleStatus>;

const RESERVED = `${ALL_SEED_ROLES.join(', ')} are the roles that come with StreamSpace: choose another name`;

export const accessRoleKind: KindDefinition = {
  kind: 'AccessRole',
  plural: 'accessroles',
  singular: 'accessrole',
  shortNames: [],
  scope: 'Cluster',
  description: 'Rights by name: its own, and those of the roles that it inherits.',
  spec: accessRoleSpec,
  status: accessRoleStatus,
  rules: [],
  objectRules: [
    {
      rule: `!(self.metadata.name in [${ALL_SEED_ROLES.map((name) => `'${name}'`).join(', ')}])`,
      message: RESERVED,
      fieldPath: '.metadata.name',
    },
    {
      rule: "self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",
      message: 'use at most 63 characters and no dots',
      fieldPath: '.metadata.name',
    },
  ],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Assignable', type: 'string', jsonPath: '.spec.assignableAt' },
    { name: 'Rules', type: 'integer', jsonPath: '.status.rules' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: {
    Ready: {
      Expanded: 'Its rights and those that it inherits stand in its ClusterRole.',
      AccessRoleCycle: 'It inherits from itself; the message is the path. It gives no right until that is corrected.',
      AccessRoleNotFound: 'It inherits from a role that is not there. It gives no right until that is corrected.',
    },
  },
};
