// Who may come in with what was known of him, as SQL: the same for every process that asks the database about people.

/** Of `people p`: true while the person may come in with what he has. */
export const NOT_LOCKED = 'not exists (select from person_locks l where l.name = p.name)';

/**
 * Of `people p`. Where somebody acts without a sign-in, the groups that the identity provider last named count for a month at most: then
 * he has to sign in again. People whom no provider knows, such as those who were seeded, are exempt.
 */
export const CONFIRMED_LATELY = `(p.confirmed_at is null or p.confirmed_at > now() - interval '30 days')`;
