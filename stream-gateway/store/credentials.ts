// What a person came with, as one word: `sign-in:<id>`, `api-key:<id>` or `service-account:<uid>:<end>:<machine>`. Long connections
// end with it.
import type { Queryable } from '../../runtime/db/database.ts';
import { CONFIRMED_LATELY, NOT_LOCKED } from '../../runtime/db/person-state.ts';
import { MACHINE_PREFIX } from '../../schemas/names.ts';
import { parseMachineCredential } from '../machines/machine-tokens.ts';
import type { Machines } from '../machines/machines.ts';
import type { Person } from './people.ts';

interface LiveRow extends Record<string, unknown> {
  readonly credential: string;
  readonly name: string;
  readonly display_name: string;
  readonly groups: readonly string[];
}

export interface CredentialPorts {
  readonly db: Queryable;
  readonly machines: Pick<Machines, 'has' | 'isAccountOf'>;
  readonly now: () => Date;
}

/**
 * Those of the given that still count, each with its person as the provider last described him; others are missing.
 * @throws StreamSpaceError `DatabaseUnavailable`, `ClusterUnreachable`
 */
export async function liveCredentials(
  { db, machines, now }: CredentialPorts,
  credentials: readonly string[],
): Promise<ReadonlyMap<string, Person>> {
  const tokens = credentials.flatMap((credential) => {
    const token = parseMachineCredential(credential);
    const lives = token !== undefined && token.expiresAtMs > now().getTime() && machines.isAccountOf(token.user, token.uid);
    return lives ? [{ credential, user: token.user }] : [];
  });
  const idsOf = (prefix: string): string[] =>
    credentials.flatMap((credential) => (credential.startsWith(prefix) ? [credential.slice(prefix.length)] : []));
  const rows = await db.query<LiveRow>(
    `select 'sign-in:' || s.id as credential, p.name, p.display_name, p.groups
       from sign_ins s join people p on p.name = s.person
      where s.id = any($1::uuid[]) and s.idle_after > now() and s.expires_at > now() and ${NOT_LOCKED}
     union all
     select 'api-key:' || k.id, p.name, p.display_name, p.groups
       from api_keys k join people p on p.name = k.owner
      where k.id = any($2::text[]) and k.expires_at > now() and ${CONFIRMED_LATELY} and ${NOT_LOCKED}
     union all
     select t.credential, p.name, p.display_name, p.groups
       from unnest($3::text[], $4::text[]) as t(credential, name) join people p on p.name = t.name
      where ${NOT_LOCKED}
     order by 1 limit $5`,
    [
      ...[idsOf('sign-in:'), idsOf('api-key:')],
      ...[tokens.map(({ credential }) => credential), tokens.map(({ user }) => user), credentials.length],
    ],
  );
  // A machine that has left its team has nothing any more, whatever it came with.
  const here = rows.filter(({ name }) => !name.startsWith(MACHINE_PREFIX) || machines.has(name));
  return new Map(here.map((row) => [row.credential, { name: row.name, displayName: row.display_name, groups: row.groups }]));
}
