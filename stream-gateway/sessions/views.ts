// Objects of the cluster as they leave the gateway: only what schemas/api/api.ts names.
import type * as z from 'zod';
import {
  type GitSyncView,
  gitSyncView,
  type may,
  type SessionView,
  sessionView,
  type TemplateView,
  templateView,
} from '../../schemas/api/api.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { ResourceRule } from '../auth/decisions.ts';
import { rulesAllow } from '../auth/decisions.ts';
import type { GitSyncJson, SessionJson, TemplateJson } from './kinds-json.ts';

export type May = z.infer<typeof may>;

/** The CRD has checked the same schema, so a failure means that the CRD of the cluster is of another version. */
function viewOf<T>(schema: z.ZodType<T>, object: { readonly kind: string; readonly metadata: { readonly name: string } }): T {
  const result = schema.safeParse(object);
  if (result.success) return result.data;
  throw new StreamSpaceError('Internal', `${object.kind} ${object.metadata.name} is not of the version of this gateway`, {
    cause: result.error,
  });
}

/** For lists: one object of another version must not hide the others. */
export function viewable<T>(present: () => T): T | undefined {
  try {
    return present();
  } catch (error) {
    if (error instanceof StreamSpaceError && error.code === 'Internal') return undefined;
    throw error;
  }
}

export function mayOf(rules: readonly ResourceRule[], name: string): May {
  return {
    control: rulesAllow(rules, 'control', 'sessions', name),
    observe: rulesAllow(rules, 'observe', 'sessions', name),
    exec: rulesAllow(rules, 'exec', 'sessions', name),
    // The page and the command change a session with a PATCH.
    update: rulesAllow(rules, 'patch', 'sessions', name),
    delete: rulesAllow(rules, 'delete', 'sessions', name),
  };
}

export function presentSession(session: SessionJson, rules: readonly ResourceRule[]): SessionView {
  return viewOf(sessionView, { ...session, may: mayOf(rules, session.metadata.name) } as SessionJson);
}

export function presentTemplate(template: TemplateJson): TemplateView {
  return viewOf(templateView, template);
}

export function presentGitSync(sync: GitSyncJson, rules: readonly ResourceRule[]): GitSyncView {
  // All that the page does with a GitSync is a PATCH.
  const may = { update: rulesAllow(rules, 'patch', 'gitsyncs', sync.metadata.name) };
  return viewOf(gitSyncView, { ...sync, may } as GitSyncJson);
}
