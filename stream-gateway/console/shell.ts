// The shell of a console, begun and ended. Whoever only cuts the connection leaves the program running, as the Kubernetes API has
// no way to say "and end it" (portainer#12437, kubernetes-client/javascript#2532): so the shell tells its process id before
// anything else, and at the end everything in its session is ended by a second command.
import type { Exec } from '../../runtime/kube/exec/exec.ts';
import type { ExecTerminal, OpenTerminal } from '../../runtime/kube/exec/exec-terminal.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { DESKTOP_CONTAINER, DESKTOP_HOME } from '../../schemas/names.ts';

export interface ShellPorts {
  readonly openTerminal: OpenTerminal;
  readonly exec: Exec;
}

export interface ShellTarget {
  readonly namespace: string;
  readonly pod: string;
}

/** With what the gateway gives it: `bash` where the image has it. */
export const SHELL_COMMAND = 'bash -l || sh -l';

/** The process becomes the shell, so its id is that of the session of processes too. */
const BEGIN = `printf '%s\\n' "$$"
cd "$1" 2>/dev/null || cd /
export TERM=xterm-256color
if command -v bash >/dev/null 2>&1; then exec bash -l; fi
exec sh -l`;

/** HUP, as when a terminal goes away; a second later KILL. What has left the session, as a server of tmux does, stays. */
const END = `sid=$1
each() {
  left=1
  for dir in /proc/[0-9]*; do
    line=$(cat "$dir/stat" 2>/dev/null) || continue
    set -- \${line##*) }
    [ "$4" = "$sid" ] && [ "$1" != Z ] || continue
    left=0
    kill "-$signal" "\${dir#/proc/}" 2>/dev/null
  done
  return $left
}
signal=HUP; each || exit 0
signal=CONT; each
signal=0
for try in 1 2 3 4 5 6 7 8 9 10; do each || exit 0; sleep 0.1; done
signal=KILL; each
exit 0`;

const MAX_ID_LINE = 32;
const END_TIMEOUT_MS = 5_000;
const END_TRIES = 3;

export class Shell {
  readonly terminal: ExecTerminal;
  /** Resolves when the shell is there; rejects where it cannot be. */
  readonly begun: Promise<void>;
  readonly #ports: ShellPorts;
  readonly #target: ShellTarget;
  #pid: string | undefined;
  #ended = false;

  private constructor(ports: ShellPorts, target: ShellTarget, terminal: ExecTerminal, pid: Promise<string>) {
    this.#ports = ports;
    this.#target = target;
    this.terminal = terminal;
    void terminal.ended
      .catch(() => undefined)
      .then(() => {
        this.#ended = true;
      });
    const goneEarly = terminal.ended.then(() => {
      throw new StreamSpaceError('DesktopToolsMissing', 'the image of the session has no shell');
    });
    this.begun = Promise.race([pid, goneEarly]).then((id) => {
      this.#pid = id;
    });
    this.begun.catch(() => undefined);
  }

  static async open(ports: ShellPorts, target: ShellTarget, onOutput: (chunk: Buffer) => void): Promise<Shell> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let line: string | undefined = '';
    const terminal = await ports.openTerminal({
      ...target,
      container: DESKTOP_CONTAINER,
      command: ['sh', '-c', BEGIN, 'streamspace-console', DESKTOP_HOME],
      onOutput: (chunk) => {
        if (line === undefined) {
          onOutput(chunk);
          return;
        }
        const end = chunk.indexOf('\n');
        line += chunk.subarray(0, end < 0 ? chunk.length : end).toString('latin1');
        if (end < 0 && line.length <= MAX_ID_LINE) return;
        const [, pid] = /^(\d{1,10})\r?$/.exec(line) ?? [];
        line = undefined;
        if (pid === undefined) reject(new StreamSpaceError('DesktopToolsMissing', 'the shell does not tell its process id'));
        else resolve(pid);
        if (end >= 0 && end + 1 < chunk.length) onOutput(chunk.subarray(end + 1));
      },
    });
    return new Shell(ports, target, terminal, promise);
  }

  /** Ends every process of the shell's session. Resolves to whether that is so. */
  async end(): Promise<boolean> {
    this.terminal.resume(); // the rest of its output goes nowhere; but its end is told in the same pipe
    if (this.#ended || this.#pid === undefined) {
      this.terminal.close();
      return this.#ended;
    }
    for (let tries = 0; tries < END_TRIES; tries += 1)
      try {
        await this.#ports.exec({
          ...this.#target,
          container: DESKTOP_CONTAINER,
          command: ['sh', '-c', END, 'streamspace-console', this.#pid],
          onOutput: () => undefined,
          signal: AbortSignal.timeout(END_TIMEOUT_MS),
        });
        this.terminal.close();
        return true;
      } catch {
        if (this.#ended) return true;
      }
    this.terminal.close();
    return false;
  }
}
