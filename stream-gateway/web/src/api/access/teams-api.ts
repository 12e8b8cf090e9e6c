// What the page asks about teams, and about who may do what and why.
import type * as z from 'zod';
import type { AccessExplanation, AccessGrants, AccessOrigin, AccessPathView } from '../../../../../schemas/api/access.ts';
import type { TeamDetail, TeamView, teamList } from '../../../../../schemas/api/teams.ts';

export type { AccessGrants, AccessOrigin, AccessPathView, TeamDetail, TeamView };

export interface AccessQuestion {
  readonly user: string;
  readonly verb: string;
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly session?: string | undefined;
}

export interface TeamsApi {
  teams(signal: AbortSignal): Promise<readonly TeamView[]>;
  team(name: string, signal: AbortSignal): Promise<TeamDetail>;
  /** @param user undefined: oneself */
  accessGrants(user: string | undefined, signal: AbortSignal): Promise<AccessGrants>;
  explainAccess(question: AccessQuestion, signal: AbortSignal): Promise<AccessExplanation>;
}

export function teamsApi(get: <T>(path: string, signal: AbortSignal) => Promise<T>): TeamsApi {
  return {
    teams: async (signal) => (await get<z.infer<typeof teamList>>('/api/v1/teams', signal)).items,
    team: (name, signal) => get(`/api/v1/teams/${encodeURIComponent(name)}`, signal),
    accessGrants: (user, signal) =>
      get(`/api/v1/access/grants${user === undefined ? '' : `?user=${encodeURIComponent(user)}`}`, signal),
    explainAccess: (question, signal) => {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(question)) if (value !== undefined) query.set(name, value);
      return get(`/api/v1/access/explain?${query}`, signal);
    },
  };
}
