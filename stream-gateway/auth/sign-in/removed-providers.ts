// When an IdentityProvider is deleted, nobody stands for its people any more: their sign-ins end, and their API keys do not count.
import type { Queryable } from '../../../runtime/db/database.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import { BREAK_GLASS } from '../../../schemas/names.ts';
import { withoutProvider } from '../../store/confirmations.ts';
import { endSignIn } from '../../store/sign-ins.ts';
import type { Providers } from './providers.ts';

export interface RemovedProvidersPorts {
  readonly db: Queryable;
  readonly providers: Pick<Providers, 'names' | 'ready'>;
  readonly audit: (event: AuditEvent) => Promise<void>;
  readonly log: Logger;
}

const LOOK_EVERY_MS = 15_000;

/** Once. @throws StreamSpaceError `DatabaseUnavailable` */
export async function endOrphans({ db, providers, audit }: Omit<RemovedProvidersPorts, 'log'>): Promise<void> {
  if (!providers.ready) return;
  for (const { id, person } of await withoutProvider(db, [...providers.names(), BREAK_GLASS])) {
    if (!(await endSignIn(db, id))) continue;
    const details = { why: 'provider' };
    await audit({ type: 'signin.lapsed', actor: null, result: 'success', object: `Person/${person}`, details });
  }
}

/** Resolves when the signal is aborted. */
export async function endWithTheirProviders(ports: RemovedProvidersPorts & { readonly signal: AbortSignal }): Promise<void> {
  const { log, signal } = ports;
  while (!signal.aborted) {
    await endOrphans(ports).catch((error: unknown) => log.warn({ err: error }, 'removed providers: trying again'));
    await delay(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
}
