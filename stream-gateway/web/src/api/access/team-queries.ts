// Teams and rights as queries of the page.
import { useQuery } from '@tanstack/react-query';
import { useGateway } from '../context.tsx';
import type { AccessQuestion } from './teams-api.ts';

export function useTeams() {
  const { api } = useGateway();
  return useQuery({ queryKey: ['teams'], queryFn: ({ signal }) => api.teams(signal) });
}

/** @param allowed false: it is known that the answer would be a refusal, so nobody is asked */
export function useTeam(name: string, allowed: boolean) {
  const { api } = useGateway();
  return useQuery({ queryKey: ['team', name], queryFn: ({ signal }) => api.team(name, signal), enabled: allowed });
}

export function useAccessGrants(user: string | undefined, allowed: boolean) {
  const { api } = useGateway();
  return useQuery({
    queryKey: ['access-grants', user ?? null],
    queryFn: ({ signal }) => api.accessGrants(user, signal),
    enabled: allowed,
  });
}

/** What the API server says of one question. */
export function useExplainAccess(question: AccessQuestion) {
  const { api } = useGateway();
  return useQuery({ queryKey: ['access-explain', question], queryFn: ({ signal }) => api.explainAccess(question, signal) });
}
