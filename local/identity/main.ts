// The process of the local identity provider. Its only argument is its configuration file (0600).
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createLogger } from '../../runtime/log/log.ts';
import { aborted, untilSignalled } from '../../runtime/shutdown/shutdown.ts';
import { identityConfig } from './config.ts';
import { createIdentityServer } from './server.ts';

const config = identityConfig.parse(JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')));
const log = createLogger({ name: 'identity', level: 'info' });
const signal = untilSignalled({ graceMs: 5_000 });

const server = createServer(createIdentityServer(config, { log, now: () => Date.now() }));
server.listen(config.port, '127.0.0.1');
await once(server, 'listening');
log.info({ issuer: config.issuer }, 'listening');

await aborted(signal);
server.close();
server.closeAllConnections();
await once(server, 'close');
