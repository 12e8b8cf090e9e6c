// The roles that come with StreamSpace, under the names that AccessBindings and AccessRoles know them by. They are locked: no
// object of the cluster can have these names or change their rules (schemas/rights.ts).
import { PLATFORM_ROLE_RULES, type PolicyRule, TEAM_DELEGATION_RULES, TEAM_ROLE_RULES } from './rights.ts';

export interface SeedRole {
  /** Its rules where it is given in a team; `undefined` where it cannot be. */
  readonly team?: readonly PolicyRule[];
  /** Its rules where it is given on the whole platform. */
  readonly platform?: readonly PolicyRule[];
  /** The ClusterRole that has the rules of the platform. */
  readonly clusterRole?: string;
  /** Whether it can be given on one session. */
  readonly session: boolean;
}

export const SEED_ROLES = {
  'platform-admin': {
    platform: PLATFORM_ROLE_RULES.platformAdmin,
    clusterRole: 'streamspace-platform-admin',
    session: false,
  },
  admin: { team: TEAM_ROLE_RULES.admin, session: true },
  member: { team: TEAM_ROLE_RULES.member, session: false },
  viewer: { team: TEAM_ROLE_RULES.viewer, session: true },
  auditor: {
    team: TEAM_ROLE_RULES.auditor,
    platform: PLATFORM_ROLE_RULES.auditor,
    clusterRole: 'streamspace-auditor',
    session: false,
  },
} as const satisfies Readonly<Record<string, SeedRole>>;

export type SeedRoleName = keyof typeof SEED_ROLES;

export const ALL_SEED_ROLES = Object.keys(SEED_ROLES) as readonly SeedRoleName[];
export const INHERITABLE_SEED_ROLES = ['admin', 'member', 'viewer', 'auditor'] as const;

export function seedRole(name: string): SeedRole | undefined {
  return Object.hasOwn(SEED_ROLES, name) ? SEED_ROLES[name as SeedRoleName] : undefined;
}

/** Of a role that is inherited: who may grant is said by the seed roles themselves, never handed on. */
export function inheritedRulesOf(name: string): readonly PolicyRule[] | undefined {
  const delegation = new Set<PolicyRule>(TEAM_DELEGATION_RULES);
  return seedRole(name)?.team?.filter((rule) => !delegation.has(rule));
}
