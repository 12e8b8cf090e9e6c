// One pool of connections for all repositories that trust the same authorities and show the same certificate.
import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { Agent } from 'undici';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { fingerprint } from '../clone/fingerprint.ts';
import type { TlsSettings } from './credentials.ts';

/** Private authorities and client certificates are few; what is used least is closed. */
const MAX_AGENTS = 32;

export interface AgentLimits {
  readonly connectMs: number;
  readonly silenceMs: number;
}

export class Agents implements AsyncDisposable {
  readonly #limits: AgentLimits;
  readonly #agents = new Map<string, Agent>();

  constructor(limits: AgentLimits) {
    this.#limits = limits;
  }

  /** @throws GitAuthFailed for a certificate or key that is none */
  for(tls: TlsSettings = {}): Agent {
    const key = fingerprint(tls);
    const agent = this.#agents.get(key) ?? this.#create(tls);
    this.#agents.delete(key);
    this.#agents.set(key, agent); // the most recently used stands last
    for (const [name, oldest] of this.#agents) {
      if (this.#agents.size <= MAX_AGENTS) break;
      this.#agents.delete(name);
      void oldest.close(); // what runs on it ends first
    }
    return agent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
  }

  #create({ ca, cert, key }: TlsSettings): Agent {
    const { connectMs, silenceMs } = this.#limits;
    try {
      // Of an authority that is none OpenSSL says nothing, and trusts nobody.
      for (const pem of [ca, cert]) if (pem !== undefined) void new X509Certificate(pem);
      if (cert !== undefined) createSecureContext({ cert, key });
    } catch {
      // Its message may quote what it could not read.
      throw new StreamSpaceError('GitAuthFailed', 'ca.crt, tls.crt or tls.key of the Secret is no certificate or key in PEM');
    }
    return new Agent({
      connect: {
        timeout: connectMs,
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      },
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
      connections: 8,
      keepAliveTimeout: 10_000,
    });
  }
}
