// The identity provider as a part of the local installation.
import { createHmac, generateKeyPair, randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { answersOk } from '../machine/probe.ts';
import type { Part } from '../part.ts';
import { hashPassword } from '../people/password.ts';
import type { LocalPeople } from '../people/people.ts';
import { readFileIfThere, writeFileAtomically } from '../state/files.ts';
import type { IdentityConfig } from './config.ts';

export interface IdentityPartOptions {
  readonly stateDir: string;
  readonly port: number;
  readonly people: LocalPeople;
  /** Of the gateway, as browsers know it, such as `http://localhost:8080`; several where it has several names. */
  readonly gatewayUrls: readonly [string, ...string[]];
}

export interface IdentityPart {
  readonly part: Part;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** With which the gateway seals what it keeps of the provider, 32 bytes in base64. */
  readonly sealKey: string;
}

const CLIENT_ID = 'streamspace';

const identitySecrets = z.object({
  clientSecret: z.string().min(32),
  cookieKeys: z.array(z.string().min(32)).min(1),
  signingKeys: z.array(z.record(z.string(), z.unknown())).min(1),
  sealKey: z.string().length(44).optional(),
});
type IdentitySecrets = z.infer<typeof identitySecrets>;

/** An installation that is older than this key has one all the same, the same at each start. */
function sealKeyOf({ sealKey, clientSecret }: IdentitySecrets): string {
  return sealKey ?? createHmac('sha256', clientSecret).update('seal key').digest('base64');
}

async function makeSecrets(): Promise<IdentitySecrets> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const jwk = privateKey.export({ format: 'jwk' });
  return {
    clientSecret: randomBytes(32).toString('base64url'),
    cookieKeys: [randomBytes(32).toString('base64url')],
    sealKey: randomBytes(32).toString('base64'),
    signingKeys: [{ ...jwk, use: 'sig', alg: 'RS256', kid: randomBytes(8).toString('hex') }],
  };
}

/** `secrets/identity.json` of the state folder (0600), made when it is missing. */
async function loadSecrets(stateDir: string): Promise<IdentitySecrets> {
  const path = join(stateDir, 'secrets', 'identity.json');
  const text = await readFileIfThere(path);
  if (text !== undefined) {
    try {
      return identitySecrets.parse(JSON.parse(text));
    } catch (cause) {
      throw new StreamSpaceError('SettingInvalid', `${path} is damaged; delete it to have new keys made`, { cause });
    }
  }
  const made = await makeSecrets();
  await mkdir(join(stateDir, 'secrets'), { recursive: true, mode: 0o700 });
  await writeFileAtomically(path, JSON.stringify(made));
  return made;
}

export async function identityPart(options: IdentityPartOptions): Promise<IdentityPart> {
  const { port, gatewayUrls } = options;
  const secrets = await loadSecrets(options.stateDir);
  const issuer = `http://localhost:${port}`;
  const configFile = join(options.stateDir, 'identity', 'config.json');
  const part: Part = {
    name: 'identity',
    dependsOn: [],
    prepare: async () => {
      const config: IdentityConfig = {
        port,
        issuer,
        client: {
          id: CLIENT_ID,
          secret: secrets.clientSecret,
          redirectUris: gatewayUrls.map((url) => `${url}/auth/callback`),
          postLogoutRedirectUris: gatewayUrls.flatMap((url) => [url, `${url}/`]),
          backchannelLogoutUri: `${gatewayUrls[0]}/auth/backchannel-logout`,
        },
        people: await Promise.all(
          options.people.people.map(async ({ name, displayName, groups, password }) => ({
            name,
            displayName,
            email: `${name}@streamspace.example`,
            groups: [...groups],
            passwordHash: await hashPassword(password),
          })),
        ),
        signingKeys: secrets.signingKeys,
        grantsFile: join(options.stateDir, 'identity', 'grants.json'),
        cookieKeys: secrets.cookieKeys,
      };
      await mkdir(join(options.stateDir, 'identity'), { recursive: true, mode: 0o700 });
      await writeFileAtomically(configFile, JSON.stringify(config));
    },
    command: [
      process.execPath,
      '--conditions=source',
      join(import.meta.dirname, `main${extname(import.meta.filename)}`),
      configFile,
    ],
    env: { NODE_ENV: 'production', PATH: '/usr/local/bin:/usr/bin:/bin' },
    ready: (signal) => answersOk(`http://127.0.0.1:${port}/healthz`, signal),
    stopTimeoutMs: 6_000,
  };
  return { part, issuer, clientId: CLIENT_ID, clientSecret: secrets.clientSecret, sealKey: sealKeyOf(secrets) };
}
