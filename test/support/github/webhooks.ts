// Webhook deliveries: signed, in the order things happened, each sent once unless a test asks for it again.
import { createHmac, randomUUID } from 'node:crypto';
import type { Description } from './description.ts';
import type { Forge } from './forge.ts';
import { deliveryName, payloadOf } from './payloads.ts';
import type { GitHubEvent } from './state.ts';

interface Target {
  readonly url: string;
  readonly secret: string;
}

export interface Delivery {
  /** `X-GitHub-Delivery`; the same when it is sent again. */
  readonly id: string;
  readonly event: GitHubEvent['event'];
  /** `undefined` for a push. */
  readonly action: string | undefined;
  readonly payload: string;
  /** Of the receiver, in the order of attempts; `undefined` where there was no answer. */
  readonly statuses: (number | undefined)[];
}

/** GitHub waits no longer for an answer. */
const TIMEOUT_MS = 10_000;

export class Webhooks {
  readonly deliveries: Delivery[] = [];
  readonly #targets: Target[] = [];
  readonly #happened: GitHubEvent[] = [];
  readonly #sent = new Map<string, Target>();
  #sending: Promise<void> = Promise.resolve();

  deliverTo(url: string, secret: string): void {
    this.#targets.push({ url, secret });
  }

  happened(event: GitHubEvent): void {
    if (this.#targets.length > 0) this.#happened.push(event);
  }

  /** Puts what has happened into words, before anything else happens; sends it without waiting. Gives what was not as described. */
  async flush(forge: Forge, description: () => Description): Promise<readonly string[]> {
    const violations: string[] = [];
    for (const event of this.#happened.splice(0)) {
      const payload = await payloadOf(forge, event);
      const problems = description().problemsOfDelivery(deliveryName(event), payload);
      violations.push(...problems.map((problem) => `delivery ${deliveryName(event)}: ${problem}`));
      for (const target of this.#targets) {
        const delivery: Delivery = {
          id: randomUUID(),
          event: event.event,
          action: event.event === 'push' ? undefined : event.action,
          payload: JSON.stringify(payload),
          statuses: [],
        };
        this.deliveries.push(delivery);
        this.#sent.set(delivery.id, target);
        this.#queue(target, delivery);
      }
    }
    return violations;
  }

  redeliver(id: string): void {
    const delivery = this.deliveries.find((each) => each.id === id);
    const target = this.#sent.get(id);
    if (delivery === undefined || target === undefined) throw new Error(`there was no delivery ${id}`);
    this.#queue(target, delivery);
  }

  async settled(): Promise<void> {
    await this.#sending;
  }

  #queue(target: Target, delivery: Delivery): void {
    this.#sending = this.#sending.then(async () => {
      delivery.statuses.push(await send(target, delivery));
    });
  }
}

async function send({ url, secret }: Target, { id, event, payload }: Delivery): Promise<number | undefined> {
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/0000000',
    'x-github-delivery': id,
    'x-github-event': event,
    'x-github-hook-id': '1',
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(payload).digest('hex')}`,
  };
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { method: 'POST', headers, body: payload, redirect: 'manual', signal });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined; // as at GitHub, a receiver that is away misses it
  }
}
