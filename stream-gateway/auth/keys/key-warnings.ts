// Tells of keys before they end: in the audit log (and so to its sinks), and as a number.
import type { Database } from '../../../runtime/db/database.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import { Gauge, type Registry } from '../../../runtime/metrics/metrics.ts';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { countExpiringKeys, warnOfKeys } from '../../store/key-warnings.ts';

export interface KeyWarningPorts {
  readonly db: Database;
  readonly log: Logger;
  readonly now: () => Date;
  readonly registry: Registry;
  readonly signal: AbortSignal;
}

const EVERY_MS = 60_000;

/** Every replica looks; the database lets one of them tell. Resolves when the signal is aborted. */
export async function keyWarningLoop({ db, log, now, registry, signal }: KeyWarningPorts): Promise<void> {
  const expiring = createKeyMetrics(registry);
  while (!signal.aborted) {
    const round = async (): Promise<void> => {
      const told = await warnOfKeys(db, now());
      if (told > 0) log.info({ keys: told }, 'API keys end soon');
      expiring.set(await countExpiringKeys(db, now()));
    };
    await round().catch((error: unknown) => log.debug({ err: error }, 'keys that end soon could not be told of; trying again'));
    await delay(EVERY_MS, signal).catch(() => undefined);
  }
}

export function createKeyMetrics(registry: Registry): Gauge {
  return new Gauge({
    name: 'streamspace_api_keys_expiring',
    help: 'API keys that end within seven days and have not been replaced; every replica tells the same number.',
    aggregator: 'first',
    registers: [registry],
  });
}
