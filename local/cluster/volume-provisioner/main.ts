// The process that gives the local cluster its volumes: wiring only.
import { createServer } from 'node:http';
import { SettingsReader } from '../../../runtime/config/settings.ts';
import { createKubeClient } from '../../../runtime/kube/client.ts';
import { createLogger } from '../../../runtime/log/log.ts';
import { untilSignalled } from '../../../runtime/shutdown/shutdown.ts';
import { startProvisioner } from './provisioner.ts';

const settings = new SettingsReader(process.argv.slice(2), process.env);
const kubeconfig = settings.text('kubeconfig');
const folder = settings.text('folder');
const listen = settings.address('listen');
const level = settings.logLevel();
settings.finish();

const log = createLogger({ name: 'volume-provisioner', level });
const signal = untilSignalled({ graceMs: 5_000 });
await using client = createKubeClient({ kubeconfig, log });
const provisioner = startProvisioner({ client, folder, log, signal });
const server = createServer((request, response) => {
  const ready = request.url === '/healthz' || (request.url === '/readyz' && provisioner.isReady());
  response.writeHead(ready ? 200 : 503, { connection: 'close' }).end();
});
server.listen(listen.port, listen.host);
await provisioner.ended;
server.close();
