// Delivers the audit log to an address, as a process that a test can kill: DATABASE_URL, URL, CA and HOLDER in the environment.
import { openDatabase } from '../../runtime/db/database.ts';
import { createLogger } from '../../runtime/log/log.ts';
import { deliverTo } from '../../stream-gateway/audit/sinks/delivery.ts';
import { httpsSink } from '../../stream-gateway/audit/sinks/https.ts';

const { DATABASE_URL = '', URL: url = '', CA = '', HOLDER = '' } = process.env;
const log = createLogger({ name: 'test', level: 'silent' });
const now = (): Date => new Date();
const sink = httpsSink({
  ...{ url, format: 'Json', authentication: { type: 'None' }, caBundle: CA, source: 'test', now },
  allowLoopback: true,
});
const ports = { db: openDatabase({ url: DATABASE_URL, log }), log, holder: HOLDER, now, onLag: () => undefined };
await deliverTo('siem/https', async () => sink, ports, new AbortController().signal);
