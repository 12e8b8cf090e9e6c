// POST /hooks/git: somebody pushed. Only ever a hint: which repository, never which revision. The GitSyncs of that URL look
// for themselves.
import express, { type Router } from 'express';
import * as z from 'zod';
import type { GitSync } from '../../../schemas/kinds/git-sync.ts';
import type { ObjectKey } from '../contract.ts';
import { comparableUrl, type GitRevisions } from '../git-sync/revisions.ts';

export interface GitHookPorts {
  readonly revisions: Pick<GitRevisions, 'hint'>;
  /** Every GitSync that exists. */
  readonly gitSyncs: () => Promise<readonly GitSync[]>;
  readonly enqueue: (key: ObjectKey) => void;
}

const body = z.object({ url: z.string().min(1).max(2048) });
const MAX_BODY = 64 * 1024;

export function createGitHook({ revisions, gitSyncs, enqueue }: GitHookPorts): Router {
  const router = express.Router();
  router.post('/hooks/git', express.json({ limit: MAX_BODY, strict: true }), async (req, res) => {
    const parsed = body.safeParse(req.body);
    if (!parsed.success) {
      res.status(req.is('application/json') ? 400 : 415).json({ error: 'send JSON: {"url": "https://..."}' });
      return;
    }
    const url = comparableUrl(parsed.data.url);
    revisions.hint(url);
    const meant = (await gitSyncs()).filter(({ spec }) => comparableUrl(spec.url) === url);
    for (const { metadata } of meant)
      enqueue({ ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }), name: metadata.name });
    res.status(202).json({ notified: meant.length });
  });
  return router;
}
