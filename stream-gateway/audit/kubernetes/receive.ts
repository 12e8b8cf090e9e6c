// The webhook backend of the API server's audit log: `POST /hooks/kubernetes-audit`, with a bearer token. It answers 204 once every event of the batch is in
// the database or in the spool, so the API server forgets none that is kept nowhere.
import express, { type RequestHandler, Router } from 'express';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import type { KeyGuesses } from '../../auth/authenticate.ts';
import { sameSecret } from '../../auth/secrets.ts';
import { localsOf } from '../../http/locals.ts';
import { readEventList } from './event-list.ts';
import type { KubernetesAudit } from './kubernetes-audit.ts';

export const KUBERNETES_AUDIT_PATH = '/hooks/kubernetes-audit';

/** The API server cuts batches at 10 MiB where `--audit-webhook-truncate-enabled` is set. */
const MAX_BODY = '16mb';

export interface ReceivePorts {
  readonly token: string;
  readonly taker: Pick<KubernetesAudit, 'take'>;
  readonly guesses: KeyGuesses;
  readonly audit: (event: AuditEvent) => Promise<void>;
}

export function kubernetesAuditRouter(ports: ReceivePorts): Router {
  return Router().post(
    KUBERNETES_AUDIT_PATH,
    authorized(ports),
    express.json({ limit: MAX_BODY, type: 'application/json' }),
    async (req, res) => {
      const { events, malformed } = readEventList(req.body);
      await ports.taker.take(events, malformed);
      res.status(204).end();
    },
  );
}

/** Before the body is read. Whoever has the token is never held up by the wrong guesses of others at his address. */
function authorized({ token, guesses, audit }: ReceivePorts): RequestHandler {
  return async (req, res, next) => {
    const given = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1];
    if (given !== undefined && sameSecret(given, token)) {
      next();
      return;
    }
    const { sourceAddress, requestId } = localsOf(res);
    await guesses.check(sourceAddress);
    await guesses.wrong(sourceAddress);
    const facts = { object: 'KubernetesAudit', sourceAddress, requestId, details: { code: 'SignInRequired' } };
    await audit({ type: 'request.refused', actor: null, result: 'refused', ...facts });
    throw new StreamSpaceError('SignInRequired', 'the audit log of the API server is taken from who has its token');
  };
}
