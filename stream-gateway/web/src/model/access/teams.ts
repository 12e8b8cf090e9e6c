// Where I may start a session. The API server decides in the end; this chooses what to offer.
import type { Me, TemplateView } from '../../../../../schemas/api/api.ts';
import { SYSTEM_NAMESPACE } from '../../../../../schemas/names.ts';

export type MyTeam = Me['teams'][number];

export function startableTeams(me: Me): readonly MyTeam[] {
  if (me.platformRole === 'platformAdmin') return me.teams;
  return me.teams.filter(({ role }) => role === 'admin' || role === 'member');
}

/** A team's own template starts in that team; one for everybody in any of mine. */
export function teamsFor(me: Me, template: TemplateView): readonly MyTeam[] {
  const teams = startableTeams(me);
  const { namespace } = template.metadata;
  return namespace === undefined || namespace === SYSTEM_NAMESPACE ? teams : teams.filter((team) => team.namespace === namespace);
}

/** `namespace/name`: says exactly which, also where a team has a template of the same name. */
export function templateRef({ metadata }: TemplateView): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}
