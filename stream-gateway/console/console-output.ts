// From the program to the page: filtered, and no more on the way than the page says that it has shown.
import type { ExecTerminal } from '../../runtime/kube/exec/exec-terminal.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { ClipboardRule } from '../dlp/clipboard/conclude.ts';
import { clipboardSet, OutputFilter, type OutputItem } from '../dlp/console/output-filter.ts';
import type { Clipboard } from '../stream/clipboard/clipboard.ts';
import type { ClipboardReport } from '../stream/clipboard/clipboard-report.ts';
import { passText } from './text-clipboard.ts';

export interface ConsoleOutputPorts {
  readonly clipboard: Clipboard;
  readonly report: ClipboardReport;
  readonly windowBytes: number;
  readonly send: (bytes: Buffer) => void;
  /** A query for the clipboard, or what would empty it: left out without a word to the person. */
  readonly onStripped: (why: string) => void;
}

const RULE_OF: Readonly<Partial<Record<Extract<OutputItem, { kind: 'stripped' }>['why'], ClipboardRule>>> = {
  tooLong: 'clipboardSize',
  invalid: 'clipboardInvalid',
};

export class ConsoleOutput {
  readonly #ports: ConsoleOutputPorts;
  readonly #filter = new OutputFilter();
  /** Until the terminal is known nothing comes. */
  #terminal: Pick<ExecTerminal, 'pause' | 'resume'> | undefined;
  #waiting: Buffer[] = [];
  #busy = false;
  #held = false;
  #sent = 0;
  #taken = 0;

  constructor(ports: ConsoleOutputPorts) {
    this.#ports = ports;
  }

  get sentBytes(): number {
    return this.#sent;
  }

  attach(terminal: Pick<ExecTerminal, 'pause' | 'resume'>): void {
    this.#terminal = terminal;
    this.#flow();
  }

  receive(chunk: Buffer): void {
    this.#waiting.push(chunk);
    if (!this.#busy) void this.#drain();
  }

  /** The page has shown so much more. @throws ConsoleMalformed */
  taken(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken > this.#sent) throw new StreamSpaceError('ConsoleMalformed', 'the page has taken more than it was sent');
    this.#flow();
  }

  /** Synchronous, but where a judge takes his time; what comes meanwhile waits, and little comes. */
  async #drain(): Promise<void> {
    this.#busy = true;
    for (let chunk = this.#waiting.shift(); chunk !== undefined; chunk = this.#waiting.shift())
      for (const item of this.#filter.push(chunk)) {
        const text = item.kind === 'set' ? await this.#judged(item.content) : this.#plain(item);
        if (text !== '') this.#send(Buffer.from(text));
      }
    this.#busy = false;
  }

  #plain(item: Exclude<OutputItem, { kind: 'set' }>): string {
    if (item.kind === 'text') return item.text;
    const rule = RULE_OF[item.why];
    if (rule === undefined) this.#ports.onStripped(item.why);
    else this.#ports.report.denied('osc52', { rule, direction: 'Down', attempt: rule === 'clipboardSize' });
    return '';
  }

  async #judged(content: Buffer): Promise<string> {
    this.#terminal?.pause();
    try {
      const passed = await passText(this.#ports.clipboard, 'server', content);
      return passed === undefined ? '' : clipboardSet(passed);
    } finally {
      this.#terminal?.resume();
    }
  }

  #send(bytes: Buffer): void {
    this.#sent += bytes.length;
    this.#ports.send(bytes);
    this.#flow();
  }

  /** Woken at a half: for every line it would be read in drops. */
  #flow(): void {
    if (this.#terminal === undefined) return;
    const onTheWay = this.#sent - this.#taken;
    if (!this.#held && onTheWay > this.#ports.windowBytes) {
      this.#held = true;
      this.#terminal.pause();
    } else if (this.#held && onTheWay <= this.#ports.windowBytes / 2) {
      this.#held = false;
      this.#terminal.resume();
    }
  }
}
