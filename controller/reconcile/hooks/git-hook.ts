// POST /hooks/git: somebody pushed. Only ever a hint: which repository, never which revision. The GitSyncs of that URL look
// for themselves.
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import * as z from 'zod';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { comparableUrl, type GitRevisions } from '../git-sync/revisions.ts';
import { answerErrors, Brake } from './brake.ts';
import type { HookInbox } from './hook-inbox.ts';

export interface GitHookPorts {
  readonly revisions: Pick<GitRevisions, 'hint'>;
  /** Every GitSync that exists. */
  readonly gitSyncs: () => Iterable<GitSync>;
  readonly inbox: Pick<HookInbox, 'take'>;
}

const body = z.object({ url: z.string().min(1).max(2048) });
const MAX_BODY = 64 * 1024;
/** Of one address, a minute: each is a question to a Git server at most. */
export const PER_ADDRESS = { points: 1_200, duration: 60 } as const;

export function createGitHook({ revisions, gitSyncs, inbox }: GitHookPorts): Router {
  const router = express.Router();
  const brake = new Brake(PER_ADDRESS);
  const slow = async (req: Request, _res: Response, next: NextFunction): Promise<void> => {
    await brake.countAddress(req);
    next();
  };
  router.post('/hooks/git', slow, express.json({ limit: MAX_BODY, strict: true }), async (req, res) => {
    const parsed = body.safeParse(req.body);
    if (!parsed.success) {
      res.status(req.is('application/json') ? 400 : 415).json({ error: 'send JSON: {"url": "https://..."}' });
      return;
    }
    const url = comparableUrl(parsed.data.url);
    revisions.hint(url);
    const meant = [...gitSyncs()].filter(({ spec }) => comparableUrl(spec.url) === url);
    await inbox.take(meant.map(({ metadata: { namespace = '', name } }) => ({ namespace, name })));
    res.status(202).json({ notified: meant.length });
  });
  router.use(answerErrors((error) => error));
  return router;
}
