// /auth/saml/<provider>: our metadata, answers and logouts. Answers and logouts come from pages of the provider, so the browser brings no
// cookie with them: an answer is verified and kept, and fetched by a request of our own site that has the cookie (ADR 0045).
import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router, urlencoded } from 'express';
import type { Database } from '../../../runtime/db/database.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { toStreamSpaceError } from '../../http/problem.ts';
import { type EndedSignIn, endSamlSignIns } from '../../store/own-sign-ins.ts';
import { awaitsAnswer, saveAnswer } from '../../store/pending-sign-ins.ts';
import { useSamlMessage } from '../../store/saml-messages.ts';
import type { TakeBack } from '../keys/take-back.ts';
import { sha256 } from '../secrets.ts';
import { requireFresh, type SignInAttempts } from '../sign-in/attempt.ts';
import { stateOfProvider } from '../sign-in/pending.ts';
import type { Providers, SamlWay } from '../sign-in/providers.ts';
import { keptAnswer, keptForm } from './kept-answer.ts';
import { asLogoutRefusal, samlRefusal } from './refusal.ts';

export interface SamlRouterPorts {
  readonly db: Database;
  readonly providers: Pick<Providers, 'find'>;
  readonly attempts: SignInAttempts;
  readonly takeBack: TakeBack;
  readonly publicUrl: string;
}

/** 256 KiB of XML in base64, encoded once more for a form. */
const MAX_FORM = '512kb';

export function samlRouter({ db, providers, attempts, takeBack, publicUrl }: SamlRouterPorts): Router {
  function wayOf(req: Request): SamlWay {
    const way = providers.find(String(req.params['provider']));
    if (way.type !== 'SAML') throw new StreamSpaceError('NotFound', 'this way to sign in does not speak SAML');
    return way;
  }

  async function metadata(req: Request, res: Response): Promise<void> {
    res.type('application/samlmetadata+xml').send(await wayOf(req).source.metadata());
  }

  /** Assertion consumer service. Nobody is signed in by it. */
  async function takeAnswer(req: Request, res: Response): Promise<void> {
    const way = wayOf(req);
    const { SAMLResponse: message, RelayState: state } = formOf(req);
    const stateHash = typeof state === 'string' && stateOfProvider(state, way.name) ? sha256(state) : undefined;
    if (typeof state !== 'string' || stateHash === undefined || !(await awaitsAnswer(db, stateHash)))
      throw samlRefusal('unsolicited', 'no sign-in that was begun here waits for this answer, or it has its answer already');
    const { assertionId, goodUntil, signedIn } = await way.source.readAnswer(message, state);
    await db.transaction(async (tx) => {
      if (!(await useSamlMessage(tx, sha256(JSON.stringify([signedIn.account.issuer, assertionId])), goodUntil)))
        throw samlRefusal('replayed', 'the assertion was used before');
      if (!(await saveAnswer(tx, stateHash, keptForm(signedIn))))
        throw samlRefusal('unsolicited', 'no sign-in that was begun here waits for this answer any more');
    });
    res.redirect(303, `${publicUrl}/auth/saml/${way.name}/finish?${new URLSearchParams({ state }).toString()}`);
  }

  async function finish(req: Request, res: Response): Promise<void> {
    const way = wayOf(req);
    const location = await attempts.run(way, req, res, async () => {
      const pending = await attempts.takePending(req, way);
      const signedIn = keptAnswer(pending.answer);
      if (signedIn === undefined) throw samlRefusal('unsolicited', 'the identity provider has not answered yet');
      requireFresh(pending, signedIn);
      return { signedIn, returnTo: pending.returnTo };
    });
    res.redirect(303, location);
  }

  /** Single logout service: a request of the provider, or its answer to ours, which says nothing that anything hangs on. */
  async function logout(req: Request, res: Response): Promise<void> {
    const way = wayOf(req);
    const given = req.method === 'POST' ? formOf(req) : req.query;
    if (given['SAMLRequest'] === undefined && given['SAMLResponse'] !== undefined) {
      res.redirect(303, `${publicUrl}/`);
      return;
    }
    const query = req.originalUrl.split('?')[1] ?? '';
    const asked = await way.source
      .readLogout(query, req.method === 'POST' ? (given['SAMLRequest'] ?? '') : undefined)
      .catch((error: unknown) => {
        throw asLogoutRefusal(error);
      });
    const ended = await db.transaction(async (tx) => {
      // With what it ends: a failure in between leaves the request good for another try.
      const hash = sha256(JSON.stringify([way.source.identityProvider.entityId, way.name, asked.id]));
      if (!(await useSamlMessage(tx, hash, asked.goodUntil)))
        throw asLogoutRefusal(samlRefusal('replayed', 'the logout request was used before'));
      return await endSamlSignIns(tx, { provider: way.name, nameId: asked.nameId, sessions: asked.sessions });
    });
    void takeBack(ended);
    await recordEnded(res, way, ended);
    const relayState = typeof given['RelayState'] === 'string' ? given['RelayState'].slice(0, 1_024) : '';
    res.redirect(303, (await way.source.loggedOutUrl(asked, relayState))?.href ?? `${publicUrl}/`);
  }

  async function recordEnded(res: Response, { name }: SamlWay, ended: readonly EndedSignIn[]): Promise<void> {
    const [first] = ended;
    const object = first === undefined ? {} : { object: `Person/${first.person}` };
    const details = { ended: ended.length, provider: name };
    await attempts.record(res, { type: 'signin.logged-out', actor: null, result: 'success', ...object, details });
  }

  /** Also of what could not be read as a form. */
  const answerRefused: ErrorRequestHandler = (error, req, res, next) => {
    void attempts
      .refused(res, { name: String(req.params['provider']) }, error)
      .then(() => next(error))
      .catch(next);
  };

  const logoutRefused: ErrorRequestHandler = (error, req, res, next) => {
    const { code, facts, message } = toStreamSpaceError(error);
    const details = {
      code,
      why: typeof facts['why'] === 'string' ? facts['why'] : message,
      provider: String(req.params['provider']),
    };
    void attempts
      .record(res, { type: 'signin.logout-refused', actor: null, result: 'refused', details })
      .then(() => next(error))
      .catch(next);
  };

  const known: RequestHandler = (req, _res, next) => {
    wayOf(req);
    next();
  };
  const form = urlencoded({ extended: false, limit: MAX_FORM, parameterLimit: 10 });
  return Router()
    .use('/:provider', known)
    .get('/:provider/metadata', metadata)
    .post('/:provider/acs', form, takeAnswer, answerRefused)
    .get('/:provider/finish', finish)
    .get('/:provider/logout', logout, logoutRefused)
    .post('/:provider/logout', form, logout, logoutRefused);
}

function formOf(req: Request): Readonly<Record<string, unknown>> {
  const body: unknown = req.body;
  return typeof body === 'object' && body !== null ? Object.fromEntries(Object.entries(body)) : {};
}
