// Whether to offer a change request in this namespace. The API server decides in the end who may open one.
import { useMe } from '../../api/queries.ts';

export function useMayAsk(namespace: string): boolean {
  const { platformRole, teams } = useMe();
  return (
    platformRole === 'platformAdmin' ||
    teams.some((team) => team.namespace === namespace && (team.role === 'admin' || team.role === 'member'))
  );
}
