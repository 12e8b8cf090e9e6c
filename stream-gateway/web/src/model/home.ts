// What Home offers to launch with one key. Pure.
import type { TemplateView } from '../../../../schemas/api/api.ts';
import type { Personal } from './access/personal.ts';
import { templateRef } from './access/teams.ts';

/** The digits 1 to 9. */
const MAX_OFFERED = 9;
const MAX_SUGGESTED = 6;

/** Favourites first, then recents; for somebody new what is featured, then the rest. Names that are gone are left out. */
export function quickLaunch(
  templates: readonly TemplateView[],
  personal: Personal,
): { readonly offered: readonly TemplateView[]; readonly own: boolean } {
  const byRef = new Map(templates.map((template) => [templateRef(template), template]));
  const own = [...new Set([...personal.favourites, ...personal.recents])].flatMap((ref) => byRef.get(ref) ?? []);
  if (own.length > 0) return { offered: own.slice(0, MAX_OFFERED), own: true };
  const suggested = templates
    .filter(({ spec }) => spec.maturity === 'stable' || spec.maturity === 'beta')
    .sort((a, b) => Number(b.spec.featured) - Number(a.spec.featured) || a.spec.displayName.localeCompare(b.spec.displayName));
  return { offered: suggested.slice(0, MAX_SUGGESTED), own: false };
}
