// What is counted about files. No label holds a person, a session or a name.
import { Counter, Gauge, type Registry } from '../../runtime/metrics/metrics.ts';
import type { ErrorCode } from '../../schemas/errors.ts';
import type { FileDirection } from '../dlp/files/file-verdict.ts';

export interface FileMetrics {
  /** @param code null where it passed */
  transferred(direction: FileDirection, code: ErrorCode | null, bytes: number): void;
}

/** @param spooledBytes what the gateway holds on disk now */
export function createFileMetrics(registry: Registry, spooledBytes: () => number): FileMetrics {
  const registers = [registry];
  const transfers = new Counter({
    name: 'streamspace_file_transfers_total',
    help: 'Files and folders that passed or did not, by direction and error code; none passed.',
    labelNames: ['direction', 'code'],
    registers,
  });
  const bytes = new Counter({
    name: 'streamspace_file_bytes_total',
    help: 'Bytes of files that passed.',
    labelNames: ['direction'],
    registers,
  });
  new Gauge({
    name: 'streamspace_file_spool_bytes',
    help: 'Bytes of files that are on their way through the gateway, on its disk.',
    registers,
    collect() {
      this.set(spooledBytes());
    },
  });
  return {
    transferred(direction, code, count) {
      transfers.inc({ direction, code: code ?? 'none' });
      if (code === null) bytes.inc({ direction }, count);
    },
  };
}
