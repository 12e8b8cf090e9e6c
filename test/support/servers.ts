// One whole running installation, handed to the tests by `inject('servers')`.
import type {} from 'vitest';

export interface TestPerson {
  readonly name: string;
  readonly role: string;
  readonly password: string;
  readonly apiKey: string;
}

/** The content of local.json of the installation under test, and where its state is. */
export interface Servers {
  readonly stateDir: string;
  readonly url: string;
  /** Of the cluster's administrator. */
  readonly kubeconfig: string;
  readonly git: { readonly url: string; readonly branch: string };
  readonly databaseUrl: string;
  readonly controller: { readonly url: string; readonly metricsUrl: string };
  /** Of the API server; a cluster of somebody else has none here. */
  readonly auditLog?: string;
  readonly people: readonly TestPerson[];
}

declare module 'vitest' {
  interface ProvidedContext {
    servers: Servers;
  }
}

/** @throws Error when the installation has no such person */
export function personOf(servers: Servers, name: string): TestPerson {
  const person = servers.people.find((candidate) => candidate.name === name);
  if (person === undefined) throw new Error(`the installation has no person called ${name}`);
  return person;
}

/** The Git URL with the person's name and password in it, for `git clone` in a test. */
export function gitUrlFor(servers: Servers, name: string): string {
  const url = new URL(servers.git.url);
  url.username = name;
  url.password = personOf(servers, name).password;
  return url.href;
}
