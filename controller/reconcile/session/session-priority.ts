// The priority of a session's pod, as the team and the template say it now.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import { priorityOf, type SessionPriority } from '../../../schemas/kinds/priority.ts';
import type { Session } from '../../../schemas/kinds/sessions/session.ts';
import type { Team } from '../../../schemas/kinds/team.ts';
import type { Template } from '../../../schemas/kinds/template.ts';
import { LABELS } from '../../../schemas/names.ts';
import type { ObjectCache } from '../wanted.ts';

export function priorityIn(
  cache: Pick<ObjectCache, 'find'>,
  { metadata: { namespace = '' } }: Session,
  template: Template,
): SessionPriority {
  const team = cache.find(RESOURCES.namespaces, undefined, namespace)?.metadata.labels?.[LABELS.team] ?? '';
  return priorityOf(cache.find<Team>(RESOURCES.teams, undefined, team)?.spec.priority, template.spec.priority);
}
