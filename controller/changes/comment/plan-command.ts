// What people may ask of us in a comment on a pull request, and the note that answers it. Pure.
import { inline } from './plan-comment.ts';

const COMMAND = '/streamspace plan';

/** Whether the first line asks for a plan, of all GitSyncs or of this one: `namespace/name`. */
export function asksForPlan(body: string, gitSync: string): boolean {
  const [first = ''] = body.split(/\r?\n/, 1);
  const line = first.trimEnd();
  return line === COMMAND || line === `${COMMAND} ${gitSync}`;
}

/** Nobody is mentioned by it: in code a login is a word. */
export function plannedAgainNote({ at, login }: { readonly at: Date; readonly login: string }): string {
  return `Planned again at ${inline(at.toISOString())}, asked by ${inline(`@${login}`)}.\n`;
}
