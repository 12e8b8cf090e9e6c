// The sinks of the audit log with what they stand on in the gateway.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Registry } from '../../../runtime/metrics/metrics.ts';
import { createSinkMetrics } from './sink-metrics.ts';
import { AuditSinks, type AuditSinksPorts } from './sinks.ts';

export type StartSinksPorts = Pick<AuditSinksPorts, 'db' | 'client' | 'log' | 'now' | 'publicUrl'> & {
  readonly registry: Registry;
};

export function startAuditSinks({ registry, ...ports }: StartSinksPorts): AuditSinks {
  const stdout = (text: string): Promise<void> =>
    new Promise((resolve, reject) => process.stdout.write(text, (error) => (error == null ? resolve() : reject(error))));
  const holder = `${hostname()}/${randomUUID()}`;
  return new AuditSinks({ ...ports, holder, stdout, onLag: createSinkMetrics(registry) });
}
