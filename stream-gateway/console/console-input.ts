// From the person to the program: keys at the rate that a policy allows, pastes by the rule of the clipboard, in order.
import type { ExecTerminal } from '../../runtime/kube/exec/exec-terminal.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { MAX_CLIPBOARD_BYTES } from '../../schemas/kinds/policies/dlp-rules.ts';
import { isByPerson, keysOf } from '../dlp/console/keys.ts';
import { PASTE_END, PASTE_START, PasteReader } from '../dlp/console/paste-reader.ts';
import type { Clipboard } from '../stream/clipboard/clipboard.ts';
import type { ClipboardReport } from '../stream/clipboard/clipboard-report.ts';
import type { StreamDlp } from '../stream/stream-policy.ts';
import { passText } from './text-clipboard.ts';

export interface ConsoleInputPorts {
  readonly dlp: StreamDlp;
  readonly clipboard: Clipboard;
  readonly report: ClipboardReport;
  readonly maxInputBytes: number;
  readonly now: () => number;
  /** A person is there. */
  readonly onActivity: () => void;
  readonly onEnd: (error: StreamSpaceError) => void;
}

export class ConsoleInput {
  readonly #ports: ConsoleInputPorts;
  readonly #terminal: Pick<ExecTerminal, 'write' | 'waitingBytes'>;
  readonly #pastes = new PasteReader(MAX_CLIPBOARD_BYTES);
  #waiting: (() => void | Promise<void>)[] = [];
  #waitingBytes = 0;
  #busy = false;

  constructor(ports: ConsoleInputPorts, terminal: Pick<ExecTerminal, 'write' | 'waitingBytes'>) {
    this.#ports = ports;
    this.#terminal = terminal;
  }

  receive(bytes: Buffer): void {
    if (isByPerson(bytes.toString('utf8'))) this.#ports.onActivity();
    for (const item of this.#pastes.push(bytes)) {
      if (item.kind === 'typed') this.#then(item.bytes.length, () => this.#typed(item.bytes));
      else if (item.kind === 'tooLong') this.#then(0, () => this.#tooLong(item.bytes, PASTE_END));
      else this.#then(item.content.length, () => this.#pasted(item.content, { before: Buffer.alloc(0), after: PASTE_END }));
    }
  }

  paste(text: string, { bracketed }: { readonly bracketed: boolean }): void {
    this.#ports.onActivity();
    const [before, after] = bracketed ? [PASTE_START, PASTE_END] : [Buffer.alloc(0), Buffer.alloc(0)];
    // Within the marks an escape could end them; xterm.js shows it in the same way.
    const content = Buffer.from(bracketed ? text.replaceAll('\u001b', '\u241b') : text);
    if (content.length > MAX_CLIPBOARD_BYTES) this.#then(0, () => this.#tooLong(content.length));
    else this.#then(content.length, () => this.#pasted(content, { before, after }));
  }

  #typed(bytes: Buffer): void {
    const { keysPerSecond } = this.#ports.dlp.policy.current();
    if (keysPerSecond === undefined) {
      this.#write(bytes);
      return;
    }
    const keys = keysOf(bytes.toString('utf8'));
    const { allowance } = this.#ports.dlp;
    const passed = keys.filter(() => allowance.keys.take(keysPerSecond, this.#ports.now()));
    if (passed.length < keys.length) this.#ports.report.keyLeftOut('consoleKeys');
    this.#write(passed.length < keys.length ? Buffer.from(passed.join('')) : bytes);
  }

  async #pasted(content: Buffer, { before, after }: { readonly before: Buffer; readonly after: Buffer }): Promise<void> {
    // A terminal sends lines as carriage returns; rules are about lines.
    const lines = Buffer.from(content.toString('utf8').replace(/\r\n?/g, '\n'));
    const passed = content.length === 0 ? content : await passText(this.#ports.clipboard, 'client', lines);
    if (passed !== undefined)
      this.#write(Buffer.concat([before, Buffer.from(passed.toString('utf8').replaceAll('\n', '\r')), after]));
    // Its mark at the beginning has gone in already.
    else if (before.length === 0) this.#write(after);
  }

  #tooLong(bytes: number, after = Buffer.alloc(0)): void {
    this.#ports.report.denied('consolePaste', { rule: 'clipboardSize', direction: 'Up', attempt: true, bytes });
    this.#write(after);
  }

  /** Everything is looked at; nothing waits for the program to read: one that does not, and writes, would wait for us for ever. */
  #then(bytes: number, work: () => void | Promise<void>): void {
    this.#waitingBytes += bytes;
    if (this.#terminal.waitingBytes + this.#waitingBytes > this.#ports.maxInputBytes) {
      this.#ports.onEnd(new StreamSpaceError('ConsoleInputFull', 'the program in the console does not read its input'));
      return;
    }
    this.#waiting.push(async () => {
      this.#waitingBytes -= bytes;
      await work();
    });
    if (!this.#busy) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    for (let work = this.#waiting.shift(); work !== undefined; work = this.#waiting.shift()) await work();
    this.#busy = false;
  }

  #write(bytes: Buffer): void {
    if (bytes.length > 0) this.#terminal.write(bytes);
  }
}
