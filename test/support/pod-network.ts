// The network of a pod of the local cluster, as a process in it has it.
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Dial } from '../../controller/network-probe/dial.ts';
import { must } from './command.ts';

const MODULE = fileURLToPath(new URL('../../controller/network-probe/dial.ts', import.meta.url));
const ADDRESSES =
  "console.log(Object.values((await import('node:os')).networkInterfaces()).flat().map((each) => each.address).join('\\n'))";

export interface PodNetwork {
  readonly addresses: readonly string[];
  /** As the controller connects, by its own code in a process of its own. */
  readonly dial: Dial;
}

/** @param address of the pod */
export async function networkOfPod(address: string): Promise<PodNetwork> {
  const pid = await processWith(address);
  const inside = (script: string): Promise<string> =>
    must('nsenter', [`--net=/proc/${pid}/ns/net`, process.execPath, '--conditions=source', '--input-type=module', '-e', script]);
  return {
    addresses: (await inside(ADDRESSES)).trim().split('\n'),
    dial: async (host, port, greeting) => {
      const asked = [host, port, greeting].map((each) => JSON.stringify(each)).join(', ');
      const script = `import { dial } from ${JSON.stringify(MODULE)};
console.log(await dial(${asked}, new AbortController().signal));`;
      return (await inside(script)).trim() === 'true';
    },
  };
}

/** Any of those that have the address for their own (proc_pid_net(5), `fib_trie`). */
async function processWith(address: string): Promise<string> {
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const routes = await readFile(`/proc/${pid}/net/fib_trie`, 'utf8').catch(() => '');
    if (new RegExp(`\\|-- ${address.replaceAll('.', '\\.')}\\n\\s+/32 host LOCAL`).test(routes)) return pid;
  }
  throw new Error(`no process of this machine has the address ${address}`);
}
