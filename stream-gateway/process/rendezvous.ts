// Which stream process a session belongs to: rendezvous hashing (Thaler and Ravishankar, 1998). Each process has a weight for
// each session and the heaviest one serves it, so a process that comes or goes moves its own sessions and no others.
import { createHash } from 'node:crypto';

/** @param processes their numbers, in any order @returns undefined: there is none */
export function chooseProcess(key: string, processes: readonly number[]): number | undefined {
  let chosen: number | undefined;
  let most = -1n;
  for (const process of processes) {
    const weight = weightOf(key, process);
    if (weight < most || (weight === most && process > (chosen ?? 0))) continue;
    [chosen, most] = [process, weight];
  }
  return chosen;
}

function weightOf(key: string, process: number): bigint {
  return createHash('sha256').update(`${process}\n${key}`).digest().readBigUInt64BE();
}

const OF_SESSION = /^\/api\/v1\/namespaces\/([^/?]+)\/sessions\/([^/?]+)\//;
const MAX_KEY = 256;

/**
 * What of a WebSocket's address decides where it goes: `namespace/session` where it names one, so that whatever is counted for a
 * session is counted in one process; else the path. Whether anything answers there is for the door to say.
 */
export function keyOfUrl(url: string): string {
  const [, namespace, session] = OF_SESSION.exec(url) ?? [];
  return namespace === undefined || session === undefined ? url.slice(0, MAX_KEY) : `${namespace}/${session}`;
}

/** Of all that there are to be, whether they run now or not: the one that records a session. */
export function isHome(key: string, process: number, count: number): boolean {
  return chooseProcess(key, [...Array(count).keys()]) === process;
}
