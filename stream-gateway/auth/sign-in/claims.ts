// Where the claims of the identity provider become a person. RBAC knows no prefixes: a group `x:platform-admins` would be
// a subject of its own that no rule foresaw, so a name that cannot be one here ends the sign-in instead of being mended.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { subjectOf } from '../../../schemas/names.ts';
import type { Person } from '../../store/people.ts';
import { validSubjectName } from '../identity.ts';

export interface ClaimNames {
  /** The claim that names a person. Default `preferred_username`. */
  readonly nameClaim: string;
  /** The claim with the groups, a list of texts; without it a person is in none. Default `groups`. */
  readonly groupsClaim: string;
  /** The claim that a person is shown by. Default `name`. */
  readonly displayNameClaim?: string | undefined;
}

/** What an IdentityProvider adds: its people and groups are its own, and maybe not everybody may come. */
export interface ProviderRules {
  readonly name: string;
  readonly emailClaim: string;
  /** Groups that count under another name. */
  readonly groupMappings: readonly { readonly from: string; readonly to: string }[];
  /** In lower case. Left out: every address, or none. */
  readonly allowedDomains?: readonly string[] | undefined;
}

export interface PersonRules extends ClaimNames {
  /** Left out: the provider of the settings, whose people and groups are called as it says. */
  readonly provider?: ProviderRules | undefined;
}

/** With the name of the provider in front. */
const MAX_NAME = 128;
/** More would not fit into the headers of a request to the API server. */
const MAX_GROUPS = 500;
const MAX_DISPLAY_NAME = 200;
const RULE = 'names have 1 to 128 characters without colon, white space and control characters';

/**
 * @param before what the provider said earlier: stays where it is silent now
 * @throws StreamSpaceError `SignInFailed` that names the claim and the rule, never the value; `SignInForbidden` for an address elsewhere
 */
export function personOfClaims(claims: Readonly<Record<string, unknown>>, rules: PersonRules, before?: Person): Person {
  const { nameClaim, groupsClaim, displayNameClaim = 'name', provider } = rules;
  if (claims[nameClaim] === undefined && before === undefined) throw refusal(`the identity provider sent no claim ${nameClaim}`);
  requireDomain(claims, provider, before);
  const name = claims[nameClaim] === undefined && before !== undefined ? before.name : nameOf(claims[nameClaim], rules);
  const groups = claims[groupsClaim] === undefined && before !== undefined ? before.groups : groupsOf(claims[groupsClaim], rules);
  return {
    name,
    displayName: displayNameOf(claims[displayNameClaim]) ?? before?.displayName ?? localName(claims[nameClaim]) ?? name,
    groups,
  };
}

function nameOf(claim: unknown, { nameClaim, provider }: PersonRules): string {
  if (!validSubjectName(claim)) throw refusal(`the claim ${nameClaim} cannot be a name here: ${RULE}`);
  const name = subjectOf(provider?.name, claim);
  if (name.length > MAX_NAME) throw refusal(`the claim ${nameClaim} is too long with the name of the provider before it`);
  return name;
}

const localName = (claim: unknown): string | undefined => (validSubjectName(claim) ? claim : undefined);

function groupsOf(claim: unknown, { groupsClaim, provider }: PersonRules): readonly string[] {
  if (claim === undefined || claim === null) return [];
  if (!Array.isArray(claim)) throw refusal(`the claim ${groupsClaim} is not a list of groups`);
  const groups = new Set<string>();
  for (const [index, group] of claim.entries()) {
    const mapped = provider?.groupMappings.filter(({ from }) => from === group).map(({ to }) => to) ?? [];
    for (const name of mapped) groups.add(name);
    if (mapped.length > 0) continue;
    if (!validSubjectName(group)) throw refusal(`entry ${index + 1} of the claim ${groupsClaim} cannot be a group here: ${RULE}`);
    groups.add(subjectOf(provider?.name, group));
  }
  if (groups.size > MAX_GROUPS) throw refusal(`the claim ${groupsClaim} has ${groups.size} groups, ${MAX_GROUPS} are allowed`);
  return [...groups].sort();
}

/** Whoever may write his own address at the provider could write any: only a verified one counts. */
function requireDomain(
  claims: Readonly<Record<string, unknown>>,
  provider: ProviderRules | undefined,
  before: Person | undefined,
): void {
  if (provider?.allowedDomains === undefined) return;
  const email = claims[provider.emailClaim];
  if (email === undefined && before !== undefined) return;
  const domain = typeof email === 'string' ? email.slice(email.lastIndexOf('@') + 1).toLowerCase() : '';
  if (claims['email_verified'] === true && provider.allowedDomains.includes(domain)) return;
  const message = 'people without a verified address in a domain that is allowed may not sign in here';
  throw new StreamSpaceError('SignInForbidden', message);
}

/** For eyes only: whatever a person is called, without what would break a line. */
function displayNameOf(claim: unknown): string | undefined {
  if (typeof claim !== 'string') return undefined;
  const text = claim.replace(/\p{Cc}+/gu, ' ').trim();
  return text === '' ? undefined : text.slice(0, MAX_DISPLAY_NAME);
}

function refusal(message: string): StreamSpaceError {
  return new StreamSpaceError('SignInFailed', message);
}
