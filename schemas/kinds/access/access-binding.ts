// AccessBinding: gives a role to somebody, on the platform, in a team or on one session, from a time to a time.
import * as z from 'zod';
import { SYSTEM_NAMESPACE } from '../../names.ts';
import { cel, conditions, dnsLabel, type KindDefinition, type KubeObject, observedGeneration, time } from '../kind.ts';
import { subjectName, teamRole } from '../team.ts';

const ONE_SUBJECT = 'give exactly one of user, group and team';
const ONE_SCOPE = 'give exactly one of platform, team and session';
const isOne = (...values: readonly unknown[]): boolean => values.filter((value) => value !== undefined).length === 1;
const oneOf = (...fields: readonly string[]): string =>
  `[${fields.map((field) => `has(self.${field})`).join(', ')}].filter(given, given).size() == 1`;

export const accessSubject = z
  .object({
    user: subjectName.optional().describe('A person, by the name of the identity provider.'),
    group: subjectName.optional().describe('A group of the identity provider.'),
    team: z
      .object({
        name: dnsLabel.describe('The name of a Team.'),
        role: teamRole.optional().describe('Only its members with this role. Left out: all of them.'),
      })
      .optional()
      .describe('The members of a Team, whoever they are at the time.'),
  })
  .refine(({ user, group, team }) => isOne(user, group, team), ONE_SUBJECT)
  .meta(cel({ rule: oneOf('user', 'group', 'team'), message: ONE_SUBJECT }))
  .describe('Who is given the role.');
export type AccessSubject = z.infer<typeof accessSubject>;

export const accessScope = z
  .object({
    platform: z
      .boolean()
      .refine((given) => given, 'leave it out, or write true')
      .meta(cel({ rule: 'self', message: 'leave it out, or write true' }))
      .optional()
      .describe('Everywhere.'),
    team: dnsLabel.optional().describe('In the namespace of this Team.'),
    session: z
      .object({
        namespace: dnsLabel.describe('The namespace of its team.'),
        name: dnsLabel.max(50).describe('Its name. A session that is made anew under the same name is meant too.'),
      })
      .optional()
      .describe('On this session alone: of the role what it says of sessions.'),
  })
  .refine(({ platform, team, session }) => isOne(platform, team, session), ONE_SCOPE)
  .meta(cel({ rule: oneOf('platform', 'team', 'session'), message: ONE_SCOPE }))
  .describe('Where.');
export type AccessScope = z.infer<typeof accessScope>;

const ENDS_AFTER_START = 'expiresAt has to come after notBefore';

export const accessBindingSpec = z
  .object({
    subject: accessSubject,
    roleRef: dnsLabel.describe('The name of an AccessRole, or `platform-admin`, `admin`, `member`, `viewer`, `auditor`.'),
    scope: accessScope,
    notBefore: time.max(40).optional().describe('From when (RFC 3339). Left out: at once.'),
    expiresAt: time.max(40).optional().describe('Until when (RFC 3339). Left out: until the binding is deleted.'),
    reason: z.string().min(1).max(512).describe('Why: for whoever looks at it later.'),
  })
  .refine(
    ({ notBefore, expiresAt }) =>
      notBefore === undefined || expiresAt === undefined || !(Date.parse(expiresAt) <= Date.parse(notBefore)),
    ENDS_AFTER_START,
  );

export const accessBindingStatus = z.object({
  observedGeneration: observedGeneration.optional(),
  conditions: conditions.optional(),
  subjects: z.int().min(0).max(2000).optional().describe('How many people and groups have the role through it now.'),
});

export type AccessBindingSpec = z.infer<typeof accessBindingSpec>;
export type AccessBindingStatus = z.infer<typeof accessBindingStatus>;
export type AccessBinding = KubeObject<AccessBindingSpec, AccessBindingStatus>;

export const accessBindingKind: KindDefinition = {
  kind: 'AccessBinding',
  plural: 'accessbindings',
  singular: 'accessbinding',
  shortNames: [],
  scope: 'Namespaced',
  description: `Gives a role to people, from a time to a time. In the namespace of a team for that team and its sessions, in \`${SYSTEM_NAMESPACE}\` for any place.`,
  spec: accessBindingSpec,
  status: accessBindingStatus,
  rules: [
    {
      rule: '!has(self.notBefore) || !has(self.expiresAt) || timestamp(self.expiresAt) > timestamp(self.notBefore)',
      message: ENDS_AFTER_START,
    },
  ],
  columns: [
    { name: 'Role', type: 'string', jsonPath: '.spec.roleRef' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'Subjects', type: 'integer', jsonPath: '.status.subjects' },
    { name: 'Expires', type: 'string', jsonPath: '.spec.expiresAt' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: {
    Ready: {
      Granted: 'The role is given.',
      NotStarted: 'Its time has not come yet.',
      AccessExpired: 'Its time is over; nothing is given any more.',
      AccessRoleNotFound: 'Its role, or one that this inherits, is not there.',
      AccessRoleCycle: 'Its role inherits from itself.',
      AccessScopeNotAllowed: 'The role cannot be given there, or the binding lies in the namespace of another team.',
      AccessTooWide: 'It lies in the namespace of a team and gives more than an admin of the team has.',
      AccessTargetNotFound: 'The Team or the session that it names is not there.',
    },
  },
};
