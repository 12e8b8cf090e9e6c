// One console on the screen: xterm.js on a WebSocket of ours. Loaded when needed.
import { FitAddon } from '@xterm/addon-fit';
import { type ITheme, Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import type { TicketView } from '../../../../schemas/api/api.ts';
import {
  CONSOLE_PROTOCOL,
  type ConsoleMessage,
  type ConsoleRequest,
  MAX_PASTE_CHARACTERS,
} from '../../../../schemas/api/console.ts';
import type { StreamNotice } from '../../../../schemas/api/stream-notices.ts';
import { webSocketUrl } from '../model/desktop/web-socket-url.ts';
import { clipboardOf, parseConsoleMessage } from './messages.ts';

export interface ConsoleClosed {
  /** `CODE: words` where the gateway gave a reason. */
  readonly reason: string | null;
  /** Of a shell that ended by itself. */
  readonly exitCode: number | null;
  /** Whether anybody said goodbye. */
  readonly clean: boolean;
}

export interface ConsoleOptions {
  readonly target: HTMLElement;
  readonly ticket: TicketView;
  readonly dark: boolean;
  readonly label: string;
  readonly onOpened: () => void;
  readonly onClosed: (closed: ConsoleClosed) => void;
  /** Milliseconds until it is closed; null: somebody typed. */
  readonly onIdle: (endsInMs: number | null) => void;
  readonly onNotice: (notice: StreamNotice) => void;
  /** What a program has put on the clipboard, and the policy lets pass. */
  readonly onClipboard: (text: string) => void;
  readonly onPasteTooLong: () => void;
  /** The person wants out of the terminal, by key. */
  readonly onLeave: () => void;
}

export interface ConsoleTerminal {
  focus(): void;
  setDark(dark: boolean): void;
  /** Says that somebody is here. */
  stay(): void;
  close(): void;
}

/** What was shown is told in this time at the latest; for every line it would be a message each. */
const TAKEN_EVERY_MS = 16;
const SCROLLBACK_LINES = 10_000;
const DARK: ITheme = { background: '#101113', foreground: '#e6e8eb', cursor: '#e6e8eb', selectionBackground: '#3b5b8c' };
const LIGHT: ITheme = {
  ...{ background: '#ffffff', foreground: '#1c1f23', cursor: '#1c1f23', selectionBackground: '#b8d4f5' },
  ...{ black: '#1c1f23', white: '#5c636b', yellow: '#7d5a00', green: '#1f7a33', cyan: '#0b6e75' },
  ...{ brightBlack: '#5c636b', brightWhite: '#3a3f45', brightYellow: '#7d5a00', brightGreen: '#1f7a33', brightCyan: '#0b6e75' },
};

export function openConsole(options: ConsoleOptions): ConsoleTerminal {
  const { target, ticket } = options;
  const terminal = new Terminal({
    fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
    fontSize: 14,
    scrollback: SCROLLBACK_LINES,
    theme: options.dark ? DARK : LIGHT,
    minimumContrastRatio: 4.5,
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(target);
  terminal.textarea?.setAttribute('aria-label', options.label);
  const socket = new WebSocket(webSocketUrl(ticket.path, window.location), [
    CONSOLE_PROTOCOL,
    `streamspace.ticket.${ticket.ticket}`,
  ]);
  socket.binaryType = 'arraybuffer';
  const send = (request: ConsoleRequest): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request));
  };
  const input = (bytes: Uint8Array<ArrayBuffer>): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
  };
  const encoder = new TextEncoder();
  terminal.onData((text) => input(encoder.encode(text)));
  terminal.onBinary((text) => input(Uint8Array.from(text, (character) => character.charCodeAt(0))));
  terminal.onResize(({ cols, rows }) => send({ type: 'resize', columns: cols, rows }));
  terminal.parser.registerOscHandler(52, (data) => {
    const text = clipboardOf(data);
    if (text !== null) options.onClipboard(text);
    return true;
  });
  keysOf(terminal, options.onLeave);
  const onPaste = (event: ClipboardEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (text.length > MAX_PASTE_CHARACTERS) options.onPasteTooLong();
    else if (text !== '') send({ type: 'paste', text, bracketed: terminal.modes.bracketedPasteMode });
  };
  target.addEventListener('paste', onPaste, { capture: true });
  const observer = new ResizeObserver(() => fit.fit());
  observer.observe(target);

  const taken = new Taken((bytes) => send({ type: 'taken', bytes }));
  let exitCode: number | null = null;
  const told = (message: ConsoleMessage): void => {
    if (message.type === 'opened') options.onOpened();
    else if (message.type === 'exited') exitCode = message.exitCode;
    else if (message.type === 'idle') options.onIdle(message.endsInMs);
    else if (message.type === 'active') options.onIdle(null);
    else options.onNotice(message);
  };
  socket.addEventListener('open', () => {
    fit.fit();
    send({ type: 'resize', columns: terminal.cols, rows: terminal.rows });
  });
  socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (data instanceof ArrayBuffer) terminal.write(new Uint8Array(data), () => taken.add(data.byteLength));
    else if (typeof data === 'string') {
      const message = parseConsoleMessage(data);
      if (message !== undefined) told(message);
    }
  });
  socket.addEventListener('close', ({ reason, wasClean }) => {
    terminal.options.disableStdin = true;
    options.onClosed({ reason: reason === '' ? null : reason, exitCode, clean: wasClean });
  });
  return {
    focus: () => terminal.focus(),
    setDark: (dark) => {
      terminal.options.theme = dark ? DARK : LIGHT;
    },
    stay: () => send({ type: 'paste', text: '', bracketed: false }),
    close: () => {
      observer.disconnect();
      target.removeEventListener('paste', onPaste, { capture: true });
      socket.close();
      terminal.dispose();
    },
  };
}

/** Every other key is the program's. */
function keysOf(terminal: Terminal, onLeave: () => void): void {
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.type === 'keydown' && event.shiftKey && event.key === 'Escape') {
      event.preventDefault();
      onLeave();
      return false;
    }
    const both = event.ctrlKey && event.shiftKey;
    if (both && event.code === 'KeyV') return false; // the browser pastes
    if (both && event.code === 'KeyC') {
      event.preventDefault(); // else the tools of the browser open
      if (event.type === 'keydown' && terminal.hasSelection()) void navigator.clipboard?.writeText(terminal.getSelection());
      return false;
    }
    return true;
  });
}

class Taken {
  readonly #tell: (bytes: number) => void;
  #bytes = 0;

  constructor(tell: (bytes: number) => void) {
    this.#tell = tell;
  }

  add(bytes: number): void {
    if (this.#bytes === 0)
      setTimeout(() => {
        this.#tell(this.#bytes);
        this.#bytes = 0;
      }, TAKEN_EVERY_MS);
    this.#bytes += bytes;
  }
}
