// What only the desktop itself can tell: its files say which keys reached it.
import { kubectl } from './kubectl.ts';
import type { RfbClient } from './rfb-client.ts';
import type { Servers } from './servers.ts';
import { eventually } from './wait.ts';

/** Runs a script in the desktop of a session of team web; gives what it prints. */
export const inDesktop = (servers: Servers, name: string, script: string): Promise<string> =>
  kubectl(servers, ['exec', '-n', 'team-web', `${name}-0`, '--', 'sh', '-c', script]);
const hasFile = async (servers: Servers, name: string, file: string): Promise<boolean> =>
  (await inDesktop(servers, name, `test -e ${file} && echo yes || echo no`)).trim() === 'yes';

/**
 * Types until the file is there: a desktop answers a little before its terminal listens. Good for what may be done twice; what
 * is in the file has to be whole from the first (`> part && mv part file`), since a second typing may just begin.
 */
export async function typeUntil(servers: Servers, viewer: RfbClient, name: string, command: string, file: string): Promise<void> {
  await eventually(`${file} is there`, async () => {
    viewer.type(`${command}\n`);
    return await hasFile(servers, name, file);
  });
}
