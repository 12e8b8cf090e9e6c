// What we use of noVNC 1.7 (docs/API.md). Its package has no types, and those of DefinitelyTyped are of an older layout.
declare module '@novnc/novnc' {
  interface RfbOptions {
    readonly shared?: boolean;
    readonly wsProtocols?: readonly string[];
  }

  interface RfbEvents {
    connect: CustomEvent<Record<string, never>>;
    disconnect: CustomEvent<{ readonly clean: boolean }>;
    securityfailure: CustomEvent<{ readonly status: number; readonly reason?: string }>;
    clipboard: CustomEvent<{ readonly text: string }>;
    desktopname: CustomEvent<{ readonly name: string }>;
  }

  export default class RFB {
    constructor(target: HTMLElement, urlOrChannel: string | WebSocket, options?: RfbOptions);
    background: string;
    clipViewport: boolean;
    compressionLevel: number;
    dragViewport: boolean;
    focusOnClick: boolean;
    qualityLevel: number;
    resizeSession: boolean;
    scaleViewport: boolean;
    showDotCursor: boolean;
    viewOnly: boolean;
    addEventListener<K extends keyof RfbEvents>(type: K, listener: (event: RfbEvents[K]) => void): void;
    blur(): void;
    focus(options?: FocusOptions): void;
    clipboardPasteFrom(text: string): void;
    disconnect(): void;
    getImageData(): ImageData;
    sendCtrlAltDel(): void;
    /** `down` left out: a press and a release. */
    sendKey(keysym: number, code: string | null, down?: boolean): void;
  }
}

declare module 'novnc-zlib/zstream' {
  export default class ZStream {
    input: Uint8Array | null;
    next_in: number;
    avail_in: number;
    output: Uint8Array;
    next_out: number;
    avail_out: number;
  }
}

declare module 'novnc-zlib/inflate' {
  import type ZStream from 'novnc-zlib/zstream';

  /** Each returns a code of zlib: 0 and 1 are good, -5 says that there is nothing to do. */
  export function inflateInit(stream: ZStream): number;
  export function inflate(stream: ZStream, flush: number): number;
}
