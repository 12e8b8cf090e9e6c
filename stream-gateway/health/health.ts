// The state of the installation, looked at when somebody asks, and remembered for a moment: each look calls the gateway itself.

import type { Queryable } from '../../runtime/db/database.ts';
import type { HealthFinding, HealthReport } from '../../schemas/api/health.ts';
import { addressChecks } from './address.ts';
import { type Checked, type HealthCheck, runChecks, sortFindings } from './check.ts';
import { type ObjectPorts, objectChecks } from './objects.ts';
import { type ServerPorts, serverChecks } from './servers.ts';

const REMEMBERED_MS = 3_000;

export interface HealthPorts extends ServerPorts, ObjectPorts {
  readonly publicUrl: string;
}

export interface Health {
  /** The same for every gateway of the installation, and no secret. Rejects with `DatabaseUnavailable`. */
  installation(): Promise<string>;
  /** @param more of the request that asks */
  report(more: readonly HealthFinding[]): Promise<HealthReport>;
}

export function createHealth(ports: HealthPorts): Health {
  const { db, publicUrl, now, elapsed } = ports;
  const installation = installationReader(db);
  const checks: readonly HealthCheck[] = [
    ...addressChecks({ publicUrl, installation }),
    ...serverChecks(ports),
    ...objectChecks(ports),
  ];
  let latest: { readonly at: number; readonly checked: Promise<readonly Checked[]>; readonly checkedAt: Date } | undefined;
  return {
    installation,
    async report(more) {
      if (latest === undefined || elapsed() - latest.at > REMEMBERED_MS)
        latest = { at: elapsed(), checked: runChecks(checks, elapsed), checkedAt: now() };
      const { checked, checkedAt } = latest;
      const all = await checked;
      return {
        ...{ checkedAt: checkedAt.toISOString(), publicUrl },
        parts: [...all.map(({ part, tookMs }) => ({ part, tookMs })), { part: 'proxy', tookMs: 0 }],
        findings: [...sortFindings([...more, ...all.flatMap(({ findings }) => findings)])],
      };
    },
  };
}

/** Asked once: it never changes. */
function installationReader(db: Queryable): () => Promise<string> {
  let known: string | undefined;
  return async () => {
    known ??= (await db.query<{ id: string }>('select id from installation'))[0]?.id;
    return known ?? '';
  };
}
