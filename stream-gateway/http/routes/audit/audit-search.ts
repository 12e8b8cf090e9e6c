// The search of an address, parsed, with what it needs to know of the installation.
import * as z from 'zod';
import { parseAuditSearch } from '../../../../schemas/audit-search/parse.ts';
import { MAX_AUDIT_SEARCH } from '../../../../schemas/audit-search/terms.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import { teamNamespace } from '../../../../schemas/kinds/team.ts';
import type { TeamJson } from '../../../sessions/kinds-json.ts';
import type { AuditSearch } from '../../../store/audit-search.ts';

export interface AuditSearchPorts {
  readonly teams: () => Iterable<TeamJson>;
  readonly now: () => Date;
}

export const searchText = z
  .string()
  .max(MAX_AUDIT_SEARCH)
  .optional()
  .describe(
    'A search such as `actor:ann action:session.* result:denied since:2d "free text" -team:web`; see docs/guides/audit-log.md.',
  );

/** @throws StreamSpaceError `AuditSearchInvalid` with code and offset as facts */
export function auditSearchOf({ teams, now }: AuditSearchPorts, text: string | undefined): AuditSearch | undefined {
  const parsed = parseAuditSearch(text ?? '');
  if (!parsed.ok) {
    const { code, at, message } = parsed.problem;
    const fields = [{ path: 'q', message: `${code} at ${at}: ${message}` }];
    throw new StreamSpaceError('AuditSearchInvalid', `at character ${at + 1}: ${message}`, { facts: { fields } });
  }
  if (parsed.terms.length === 0) return undefined;
  const namespaceOf = (name: string): string => {
    const team = [...teams()].find(({ metadata }) => metadata.name === name);
    return team === undefined ? `team-${name}` : (team.status?.namespace ?? teamNamespace(team));
  };
  return { terms: parsed.terms, nowMs: now().getTime(), namespaceOf };
}
