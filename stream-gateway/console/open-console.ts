// One console: an accepted WebSocket and a shell in the container, from the first byte to the line in the audit.
import type { TerminalSize } from '../../runtime/kube/exec/exec-terminal.ts';
import { aborted, delay } from '../../runtime/shutdown/shutdown.ts';
import type { ConsoleRequest } from '../../schemas/api/console.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { DESKTOP_CONTAINER } from '../../schemas/names.ts';
import { Clipboard } from '../stream/clipboard/clipboard.ts';
import { ClipboardReport } from '../stream/clipboard/clipboard-report.ts';
import { closeWith } from '../stream/door/close-frame.ts';
import { asStreamSpaceError, reasonOf } from '../stream/end-reason.ts';
import { consoleErrorOf, runningContainer, shellEnd } from './console-end.ts';
import { ConsoleInput } from './console-input.ts';
import type { ConsoleOptions, OpenedConsole } from './console-options.ts';
import { ConsoleOutput } from './console-output.ts';
import { ConsolePage } from './console-page.ts';
import { consoleRefusal, idleTimeoutMs } from './console-policy.ts';
import { IdleWatch } from './idle-watch.ts';
import { Resizes } from './resizes.ts';
import { SHELL_COMMAND, Shell } from './shell.ts';

export function openConsole(options: ConsoleOptions): OpenedConsole {
  const opened = new Console(options);
  return { closed: opened.run(), close: (code, message) => opened.end(new StreamSpaceError(code, message)) };
}

class Console {
  readonly #options: ConsoleOptions;
  readonly #ending = new AbortController();
  readonly #page: ConsolePage;
  readonly #report: ClipboardReport;
  readonly #clipboard: Clipboard;
  readonly #output: ConsoleOutput;
  readonly #resizes: Resizes<TerminalSize>;
  #input: ConsoleInput | undefined;
  /** Before the shell is there. */
  #early: Buffer[] = [];
  #earlyBytes = 0;
  #resize: (size: TerminalSize) => void = () => undefined;
  #error: StreamSpaceError | null = null;
  #bytesFromBrowser = 0;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    const { dlp, limits, log, metrics, now, connection } = options;
    this.#page = new ConsolePage({
      connection,
      heartbeatMs: limits.heartbeatMs,
      onBytes: (bytes) => this.#guarded(() => this.#receive(bytes)),
      onRequest: (request) => this.#guarded(() => this.#asked(request)),
      onEnd: (error) => this.end(error),
    });
    this.#report = new ClipboardReport({
      policy: dlp.policy,
      audit: (type, result, details) => this.#audit(type, result, { ...details, via: 'console' }),
      onDenied: (message, rule) => metrics.denied(message, rule),
      notify: (notice) => this.#page.tell(notice),
      now,
    });
    this.#clipboard = new Clipboard({
      ...{ dlp, report: this.#report, now, log, signal: this.#ending.signal },
      judgeTimeoutMs: limits.judgeTimeoutMs,
    });
    this.#output = new ConsoleOutput({
      ...{ clipboard: this.#clipboard, report: this.#report, windowBytes: limits.windowBytes },
      send: (bytes) => {
        metrics.transferred('toBrowser', bytes.length);
        this.#page.send(bytes);
      },
      onStripped: (why) => metrics.denied('osc52', why),
    });
    this.#resizes = new Resizes(limits.resizeEveryMs, (size) => this.#resize(size));
  }

  /** The first call decides. Null: the person left, or the shell ended. */
  end(error: StreamSpaceError | null): void {
    if (this.#ending.signal.aborted) return;
    this.#error = error;
    this.#ending.abort(error ?? new Error('the console is over'));
  }

  async run(): Promise<void> {
    const { metrics, now, signal } = this.#options;
    const startedAt = now();
    const onAbort = (): void => this.end(reasonOf(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    metrics.opened();
    const opening = this.#openShell();
    let ended = true;
    try {
      await this.#relay(await opening);
    } catch (error) {
      this.end(error === this.#ending.signal.reason ? this.#error : consoleErrorOf(error));
    }
    const shell = await opening.catch(() => undefined);
    const closing = this.#sayGoodbye();
    if (shell !== undefined) ended = await shell.end();
    await closing;
    signal.removeEventListener('abort', onAbort);
    this.#summarize(startedAt, { ended });
  }

  async #openShell(): Promise<Shell> {
    const { openTerminal, exec, container, limits } = this.#options;
    const { namespace, pod } = container;
    const shell = await Shell.open({ openTerminal, exec }, { namespace, pod }, (chunk) => this.#output.receive(chunk));
    this.#resize = (size) => shell.terminal.resize(size);
    const done = new AbortController();
    const late = delay(limits.openTimeoutMs, done.signal).then(() => {
      throw new StreamSpaceError('ClusterUnreachable', 'the shell does not begin');
    });
    late.catch(() => undefined);
    try {
      await Promise.race([shell.begun, late]);
      return shell;
    } catch (error) {
      await shell.end();
      throw error;
    } finally {
      done.abort();
    }
  }

  async #relay(shell: Shell): Promise<void> {
    this.#ending.signal.throwIfAborted();
    const { container, dlp, limits, now } = this.#options;
    const before = await runningContainer(container);
    using idle = new IdleWatch({
      ...{ timeoutMs: idleTimeoutMs(dlp.policy), warnMs: limits.warnMs, now },
      onWarning: (endsInMs) => this.#page.tell({ type: 'idle', endsInMs }),
      onActive: () => this.#page.tell({ type: 'active' }),
      onIdle: () => this.end(new StreamSpaceError('ConsoleIdle', 'nobody has typed for as long as the policy allows')),
    });
    const follow = (): void => {
      const refusal = consoleRefusal(dlp.policy);
      if (refusal !== undefined) this.end(refusal);
      idle.setTimeout(idleTimeoutMs(dlp.policy));
    };
    using _following = { [Symbol.dispose]: dlp.policy.onChange(follow) };
    follow(); // it may have changed since the door
    const { namespace, pod } = container;
    const about = { container: `${namespace}/${pod}/${DESKTOP_CONTAINER}`, command: SHELL_COMMAND };
    this.#audit('console.opened', 'success', { ...about, policyHash: dlp.policy.hash });
    this.#page.tell({ type: 'opened' });
    this.#output.attach(shell.terminal);
    this.#input = new ConsoleInput(
      {
        ...{ dlp, clipboard: this.#clipboard, report: this.#report, maxInputBytes: limits.maxInputBytes, now },
        onActivity: () => {
          idle.touch();
          this.#options.onActivity();
        },
        onEnd: (error) => this.end(error),
      },
      shell.terminal,
    );
    for (const bytes of this.#early.splice(0)) this.#input.receive(bytes);
    const { signal } = this.#ending;
    const result = await Promise.race([shellEnd(shell.terminal.ended, container, before, signal), aborted(signal)]);
    if (this.#ending.signal.aborted || result === undefined) return;
    if (typeof result === 'number') this.#page.tell({ type: 'exited', exitCode: result });
    this.end(typeof result === 'number' ? null : result);
  }

  #guarded(work: () => void): void {
    if (this.#ending.signal.aborted) return;
    try {
      work();
    } catch (error) {
      this.end(asStreamSpaceError(error));
    }
  }

  #receive(bytes: Buffer): void {
    this.#bytesFromBrowser += bytes.length;
    this.#options.metrics.transferred('fromBrowser', bytes.length);
    if (this.#input !== undefined) {
      this.#input.receive(bytes);
      return;
    }
    this.#earlyBytes += bytes.length;
    if (this.#earlyBytes > this.#options.limits.maxInputBytes)
      throw new StreamSpaceError('ConsoleInputFull', 'more was sent than waits for a shell');
    this.#early.push(bytes);
  }

  #asked(request: ConsoleRequest): void {
    switch (request.type) {
      case 'resize':
        this.#resizes.push({ columns: request.columns, rows: request.rows });
        break;
      case 'taken':
        this.#output.taken(request.bytes);
        break;
      case 'paste':
        this.#bytesFromBrowser += Buffer.byteLength(request.text);
        this.#input?.paste(request.text, request);
        break;
    }
  }

  async #sayGoodbye(): Promise<void> {
    const { connection, limits } = this.#options;
    this.#page[Symbol.dispose]();
    this.#resizes[Symbol.dispose]();
    closeWith(connection, this.#error);
    await Promise.race([connection.closed, aborted(AbortSignal.timeout(limits.closeTimeoutMs))]);
    connection.terminate();
    await connection.closed;
  }

  #summarize(startedAt: number, { ended }: { readonly ended: boolean }): void {
    const { log, metrics, now, subject } = this.#options;
    const code = this.#error?.code ?? null;
    const facts = {
      code,
      durationMs: Math.round(now() - startedAt),
      bytesToBrowser: this.#output.sentBytes,
      bytesFromBrowser: this.#bytesFromBrowser,
      // False: the gateway could not make sure that no process of it is left.
      processesEnded: ended,
    };
    metrics.closed(code);
    const expected = code === null || code === 'ShuttingDown' || code === 'ConsoleIdle';
    this.#audit('console.closed', expected ? 'success' : 'failure', facts);
    log.info({ ...facts, object: subject.object, ...(this.#error === null ? {} : { err: this.#error }) }, 'console closed');
  }

  #audit(type: AuditEvent['type'], result: AuditEvent['result'], details: NonNullable<AuditEvent['details']>): void {
    const { person, ...subject } = this.#options.subject;
    this.#options.onAudit({ type, actor: person, result, ...subject, details });
  }
}
