// How `spec.template` of a session is resolved. Pure but for the look-up that is passed in.
import type { Template } from '../../../schemas/kinds/template.ts';
import { SYSTEM_NAMESPACE } from '../../../schemas/names.ts';

export interface TemplatePlace {
  readonly namespace: string;
  readonly name: string;
}

/** Where to look, in order. A plain name is the team's own first, then everybody's. */
export function templatePlaces(reference: string, sessionNamespace: string): readonly TemplatePlace[] {
  const [first = '', second] = reference.split('/');
  if (second !== undefined) return [{ namespace: first, name: second }];
  const namespaces = [...new Set([sessionNamespace, SYSTEM_NAMESPACE])];
  return namespaces.map((namespace) => ({ namespace, name: first }));
}

/**
 * A namespace other than these two may not be named: a session would run what its team may not see. `undefined`: no such
 * template, or not for this team.
 */
export async function resolveTemplate(
  reference: string,
  sessionNamespace: string,
  find: (place: TemplatePlace) => Promise<Template | undefined>,
): Promise<Template | undefined> {
  for (const place of templatePlaces(reference, sessionNamespace)) {
    if (place.namespace !== sessionNamespace && place.namespace !== SYSTEM_NAMESPACE) continue;
    const template = await find(place);
    if (template !== undefined && template.metadata.deletionTimestamp === undefined) return template;
  }
  return undefined;
}
