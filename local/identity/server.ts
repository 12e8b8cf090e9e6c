// The HTTP side of the identity provider: our sign-in page in front, the protocol behind it.
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { errors, type default as Provider } from 'oidc-provider';
import type { Logger } from '../../runtime/log/log.ts';
import { Brake, verifyPassword } from '../people/password.ts';
import type { IdentityConfig } from './config.ts';
import { messagePage, signInPage } from './pages.ts';
import { clientOrigins, contentSecurityPolicy, createProvider, makeNonce } from './provider.ts';

export interface IdentityPorts {
  readonly log: Logger;
  readonly now: () => number;
}

class SignIn {
  readonly #config: IdentityConfig;
  readonly #provider: Provider;
  readonly #ports: IdentityPorts;
  readonly #brake: Brake;

  constructor(config: IdentityConfig, provider: Provider, ports: IdentityPorts) {
    this.#config = config;
    this.#provider = provider;
    this.#ports = ports;
    this.#brake = new Brake(ports.now);
  }

  send(res: Response, status: number, make: (nonce: string) => string): void {
    const nonce = makeNonce();
    res
      .status(status)
      .set({
        'content-security-policy': contentSecurityPolicy(nonce, clientOrigins(this.#config)),
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      .type('html')
      .send(make(nonce));
  }

  #form(res: Response, action: string, name: string, failure?: { readonly status: number; readonly problem: string }): void {
    const people = this.#config.people.map((person) => person.name);
    const problem = failure === undefined ? {} : { problem: failure.problem };
    this.send(res, failure?.status ?? 200, (nonce) => signInPage({ nonce, action, name, people, ...problem }));
  }

  /** @throws SessionNotFound when the cookie of the sign-in is missing or too old */
  async show(req: Request, res: Response): Promise<void> {
    const { uid, params } = await this.#provider.interactionDetails(req, res);
    const hint = params['login_hint'];
    this.#form(res, `/sign-in/${uid}`, typeof hint === 'string' ? hint.slice(0, 128) : '');
  }

  async take(req: Request, res: Response): Promise<void> {
    const { uid } = await this.#provider.interactionDetails(req, res);
    const body = req.body as Readonly<Record<string, unknown>> | undefined;
    const name = typeof body?.['name'] === 'string' ? body['name'].trim() : '';
    const password = typeof body?.['password'] === 'string' ? body['password'] : '';
    const waitMs = this.#brake.waitMs(name);
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000);
      const problem = `Too many wrong passwords for this name. Try again in ${seconds} s.`;
      res.set('retry-after', String(seconds));
      this.#form(res, `/sign-in/${uid}`, name, { status: 429, problem });
      return;
    }
    const person = this.#config.people.find((candidate) => candidate.name === name);
    if (!(await verifyPassword(password, person?.passwordHash)) || person === undefined) {
      this.#brake.failed(name);
      this.#ports.log.warn('wrong password');
      this.#form(res, `/sign-in/${uid}`, name, { status: 401, problem: 'The name or the password is wrong.' });
      return;
    }
    this.#brake.succeeded(name);
    this.#ports.log.info({ person: person.name }, 'signed in');
    await this.#provider.interactionFinished(req, res, { login: { accountId: person.name } }, { mergeWithLastSubmission: false });
  }
}

export function createIdentityServer(config: IdentityConfig, ports: IdentityPorts): Express {
  const provider = createProvider(config, ports.log);
  const signIn = new SignIn(config, provider, ports);
  const app = express().disable('x-powered-by');
  app.get('/healthz', (_req, res) => {
    res.type('text/plain').send('ok\n');
  });
  app.get('/sign-in/:uid', (req, res) => signIn.show(req, res));
  app.post('/sign-in/:uid', express.urlencoded({ extended: false, limit: '4kb', parameterLimit: 10 }), (req, res) =>
    signIn.take(req, res),
  );
  app.use((error: unknown, _req: Request, res: Response, next: NextFunction) => {
    if (res.headersSent) return next(error);
    const expired = error instanceof errors.SessionNotFound;
    if (!expired) ports.log.error({ err: error }, 'request failed');
    const text = expired ? 'This sign-in is over or belongs to another browser. Start again.' : 'The sign-in could not be shown.';
    const link = { href: clientOrigins(config)[0] ?? '/', words: 'Back to StreamSpace' };
    signIn.send(res, expired ? 400 : 500, (nonce) => messagePage({ nonce, title: 'Sign in again', text, link }));
  });
  app.use(provider.callback());
  return app;
}
