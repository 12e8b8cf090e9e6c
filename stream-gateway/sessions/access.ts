// Who sees which sessions, templates and GitSyncs: the rules of each kind on top of the API server's decision.
import { crc32 } from 'node:zlib';
import type { Decisions, OurResource } from '../auth/decisions.ts';
import { type AccessIn, NO_ACCESS } from '../http/live/access.ts';
import type { GitSyncJson, SessionJson, TemplateJson } from './kinds-json.ts';
import { presentGitSync, presentSession, presentTemplate, viewable } from './views.ts';

/**
 * `watch` alone is asked: since Kubernetes streams lists (KEP-3157) it is the right to see what is there and what changes.
 */
const mayWatch = (decisions: Decisions, person: Parameters<AccessIn<SessionJson>>[0], resource: OurResource, namespace: string) =>
  decisions.allowedIn(person, 'watch', resource, namespace);

/** Each with what the person may do with it. */
export function sessionAccess(decisions: Decisions): AccessIn<SessionJson> {
  return async (person, namespace) => {
    if (!(await mayWatch(decisions, person, 'sessions', namespace))) return NO_ACCESS;
    const rules = await decisions.rulesIn(person, namespace);
    return {
      stamp: `watch ${crc32(JSON.stringify(rules))}`,
      present: (session) => viewable(() => presentSession(session, rules)),
    };
  };
}

/** Drafts are for those who write templates. */
export function templateAccess(decisions: Decisions): AccessIn<TemplateJson> {
  return async (person, namespace) => {
    if (!(await mayWatch(decisions, person, 'templates', namespace))) return NO_ACCESS;
    const drafts = await decisions.allowedIn(person, 'update', 'templates', namespace);
    return {
      stamp: drafts ? 'watch drafts' : 'watch',
      present: (template) =>
        template.spec.maturity === 'draft' && !drafts ? undefined : viewable(() => presentTemplate(template)),
    };
  };
}

export function gitSyncAccess(decisions: Decisions): AccessIn<GitSyncJson> {
  return async (person, namespace) => {
    if (!(await mayWatch(decisions, person, 'gitsyncs', namespace))) return NO_ACCESS;
    const rules = await decisions.rulesIn(person, namespace);
    return {
      stamp: `watch ${crc32(JSON.stringify(rules))}`,
      present: (sync) => viewable(() => presentGitSync(sync, rules)),
    };
  };
}
