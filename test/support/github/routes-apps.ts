// What an App asks for itself.
import { ApiFailure, notFound } from './failure.ts';
import { APP_PERMISSIONS, iso, presentApp } from './present-repository.ts';
import type { ApiRequest, Route } from './route.ts';
import type { Account } from './state.ts';

export const APP_ROUTES: Readonly<Record<string, Route>> = {
  'GET /app': async (request) => ({ status: 200, body: presentApp(request.forge, speaker(request)) }),

  'POST /app/installations/{installation_id}/access_tokens': async (request) => {
    const { forge, parameters } = request;
    const account = speaker(request);
    const app = forge.apps.installed(Number(parameters['installation_id']));
    // Of another App there is nothing to be seen.
    if (app?.account !== account) throw notFound();
    const { token, expiresAt } = forge.installationToken(app);
    const body = { token, expires_at: iso(expiresAt), permissions: APP_PERMISSIONS, repository_selection: 'all' };
    return { status: 201, body };
  },
};

function speaker({ credential }: ApiRequest): Account {
  if (credential?.kind !== 'jwt') throw new ApiFailure(401, 'A JSON web token could not be decoded');
  return credential.account;
}
