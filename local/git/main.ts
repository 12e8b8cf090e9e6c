// The process of the local Git server. Its only argument is its configuration file (0600).
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger } from '../../runtime/log/log.ts';
import { aborted, untilSignalled } from '../../runtime/shutdown/shutdown.ts';
import { gitServerConfig, REPOSITORY } from './config.ts';
import { PushNotifier, postNotice } from './notifier.ts';
import { PUSH_MARK } from './repository.ts';
import { createGitServer } from './server.ts';

const config = gitServerConfig.parse(JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')));
const log = createLogger({ name: 'git', level: 'info' });
const signal = untilSignalled({ graceMs: 5_000 });

const server = createGitServer(config, { log, now: () => Date.now(), signal });
server.listen(config.port, '127.0.0.1');
await once(server, 'listening');
const notifier = new PushNotifier({
  markFile: join(config.root, REPOSITORY, PUSH_MARK),
  send: postNotice(config.noticeUrl, config.url),
  log,
  signal,
});
notifier.start();
log.info({ url: config.url }, 'listening');

await aborted(signal);
server.closeAllConnections();
server.close();
await once(server, 'close');
