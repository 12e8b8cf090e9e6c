// The least that a relay in Node can be: bytes from one socket to the other, unread. What a gateway adds above it is its own.
import { connect, createServer, type Socket } from 'node:net';

const [target = ''] = process.argv.slice(2);
const server = createServer({ noDelay: true }, (browser) => {
  const desktop = connect({ host: '127.0.0.1', port: Number(target), noDelay: true });
  passOn(browser, desktop);
  passOn(desktop, browser);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : undefined);
});
process.once('SIGTERM', () => process.exit());
process.once('disconnect', () => process.exit());

function passOn(from: Socket, to: Socket): void {
  from
    .on('data', (bytes) => void to.write(bytes))
    .on('error', () => undefined)
    .on('close', () => void to.destroy());
}
