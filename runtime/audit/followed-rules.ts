// The rules of the AuditPolicies as a process has them: asked for every few seconds, since policies are few and change seldom, and kept on disk, so that a
// process which starts while the API server is away blacks out what it did before.
import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AuditPolicy } from '../../schemas/kinds/policies/audit-policy.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { KubeClient } from '../kube/types.ts';
import type { Logger } from '../log/log.ts';
import { delay } from '../shutdown/shutdown.ts';
import { AuditRules, type WritingPolicy } from './audit-rules.ts';

export interface FollowedRulesPorts {
  readonly client: Pick<KubeClient, 'list'>;
  /** Of this process alone. */
  readonly file: string;
  readonly log: Logger;
}

const LOOK_EVERY_MS = 5_000;

export class FollowedRules {
  readonly #ports: FollowedRulesPorts;
  #text: string;
  #current: AuditRules;
  #known = false;

  constructor(ports: FollowedRulesPorts) {
    this.#ports = ports;
    this.#text = keptText(ports.file);
    this.#current = new AuditRules(JSON.parse(this.#text) as readonly WritingPolicy[]);
  }

  get current(): AuditRules {
    return this.#current;
  }

  /** Whether the API server has said by now what the policies are; before that they are those of an earlier run. */
  get known(): boolean {
    return this.#known;
  }

  /** Resolves when the signal is aborted. */
  async loop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look(signal).catch((error: unknown) => {
        if (!signal.aborted) this.#ports.log.debug({ err: error }, 'the rules of the audit log could not be read');
      });
      await delay(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
  }

  async look(signal: AbortSignal): Promise<void> {
    const { client, file } = this.#ports;
    const { items } = await client.list<AuditPolicy>(RESOURCES.auditPolicies, { signal });
    const policies = items
      .toSorted((one, other) => one.metadata.name.localeCompare(other.metadata.name, 'en'))
      .map(({ spec: { rules, redact, retention } }): WritingPolicy => ({ rules, redact, retention }));
    this.#known = true;
    const text = JSON.stringify(policies);
    if (text === this.#text) return;
    this.#current = new AuditRules(policies);
    this.#text = text;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(`${file}.tmp`, text, { mode: 0o600 });
    await rename(`${file}.tmp`, file);
  }
}

/** Of an earlier run; none: there was no policy. */
function keptText(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    return Array.isArray(JSON.parse(text)) ? text : '[]';
  } catch {
    return '[]';
  }
}
