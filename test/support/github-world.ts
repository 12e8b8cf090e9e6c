// The sign-in of a gateway at a GitHub of the test's own, with the OAuth App that it was registered as.
import { type GitHubDouble, startGitHubDouble } from './github/github-double.ts';
import type { PersonHandle } from './github/person-handle.ts';
import type { IdentityServer } from './identity-server.ts';
import { type ProvidersWorld, providersWorld } from './providers-world.ts';
import type { Servers } from './servers.ts';

export interface GitHubWorld extends ProvidersWorld {
  readonly github: GitHubDouble;
  readonly clientSecret: string;
  /** In the organization acme, with an address that is verified. */
  readonly mia: PersonHandle;
  /** Of type GitHub. @param github more of that block @param more of the spec */
  spec(github?: object, more?: object): unknown;
}

/** With the provider `github`, which lets members of `acme` in. */
export async function githubWorld(servers: Servers, settings: IdentityServer, more: object = {}): Promise<GitHubWorld> {
  await using stack = new AsyncDisposableStack();
  const github = stack.use(await startGitHubDouble());
  const world = stack.use(await providersWorld(servers, settings));
  const { clientId, clientSecret } = github.oauthApp({ callbackUrl: `${world.url}/auth/callback/github` });
  const clientSecretRef = { name: 'github', key: 'client-secret' };
  const [client] = world.secrets.values();
  if (client !== undefined)
    world.secrets.set('github', { ...client, data: { 'client-secret': Buffer.from(clientSecret).toString('base64') } });
  const spec = (own: object = {}, others: object = {}): unknown => ({
    ...{ type: 'GitHub', displayName: 'GitHub', ...others },
    github: { url: github.webUrl, clientId, clientSecretRef, organizations: [{ name: 'acme' }], ...own },
  });
  world.put('github', spec({}, more));
  const mia = github.person('mia').is({ name: 'Mia M', emails: [{ email: 'mia@acme.example', primary: true, verified: true }] });
  mia.join('acme');
  const moved = stack.move();
  return { ...world, github, clientSecret, mia, spec, [Symbol.asyncDispose]: async () => await moved[Symbol.asyncDispose]() };
}
