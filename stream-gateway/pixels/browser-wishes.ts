// What a browser has announced in SetEncodings, and what follows from it: how it is sent pixels, and what the desktop is asked for.
import { ENCODING } from '../rfb/encodings.ts';
import { DECODED_ENCODINGS } from './decode/decoder.ts';
import type { JpegQuality } from './jpeg.ts';

export interface BrowserWishes {
  readonly encoding: 'tight' | 'zrle' | 'raw';
  /** Undefined: it wants the very pixels. */
  readonly jpeg: JpegQuality | undefined;
  /** Of zlib, 1 to 6. */
  readonly level: number;
  /** What goes to the browser as the desktop sent it. */
  readonly passed: ReadonlySet<number>;
}

/** Before the browser has announced anything (RFC 6143, 7.5.2). */
export const NO_WISHES: BrowserWishes = { encoding: 'raw', jpeg: undefined, level: 1, passed: new Set() };

/**
 * No pixels of the desktop's screen in them. Fences and continuous updates are missing: the pipeline answers requests only,
 * so that a slow browser is simply asked less often.
 */
const PASSED: readonly number[] = [
  ENCODING.desktopSize,
  ENCODING.extendedDesktopSize,
  ENCODING.cursor,
  ENCODING.vmwareCursor,
  ENCODING.qemuKeyEvent,
  ENCODING.ledState,
  ENCODING.desktopName,
  ENCODING.extendedMouseButtons,
  ENCODING.extendedClipboard,
];

/** By quality level, 0 to 9: those of TigerVNC, so that a browser gets what it would get without a watermark. */
const QUALITIES: readonly JpegQuality[] = [
  { quality: 15, subsampling: '4:2:0' },
  { quality: 29, subsampling: '4:2:0' },
  { quality: 41, subsampling: '4:2:0' },
  { quality: 42, subsampling: '4:2:2' },
  { quality: 62, subsampling: '4:2:2' },
  { quality: 77, subsampling: '4:2:2' },
  { quality: 79, subsampling: '4:4:4' },
  { quality: 86, subsampling: '4:4:4' },
  { quality: 92, subsampling: '4:4:4' },
  { quality: 100, subsampling: '4:4:4' },
];
const FIRST_QUALITY = -32;
const FIRST_LEVEL = -256;
/** Above it zlib takes several times as long for a few per cent. */
const MAX_LEVEL = 6;

/** @param encodings of the browser's SetEncodings, as they came or as they were granted */
export function browserWishes(encodings: readonly number[]): BrowserWishes {
  const quality = encodings.find((encoding) => encoding >= FIRST_QUALITY && encoding < FIRST_QUALITY + QUALITIES.length);
  const level = encodings.find((encoding) => encoding >= FIRST_LEVEL && encoding < FIRST_LEVEL + 10);
  return {
    encoding: encodings.includes(ENCODING.tight) ? 'tight' : encodings.includes(ENCODING.zrle) ? 'zrle' : 'raw',
    jpeg: quality === undefined ? undefined : QUALITIES[quality - FIRST_QUALITY],
    level: level === undefined ? 1 : Math.max(1, Math.min(MAX_LEVEL, level - FIRST_LEVEL)),
    passed: new Set(PASSED.filter((encoding) => encodings.includes(encoding))),
  };
}

/** Quality level 8 (92, no subsampling): the browser's own loss comes on top of it. */
const DESKTOP_QUALITY = FIRST_QUALITY + 8;
/** Level 1: the desktop is near, its CPU is dearer than the cluster's network. */
const DESKTOP_LEVEL = FIRST_LEVEL + 1;

/** What the desktop is asked for on behalf of such a browser, best first. */
export function desktopEncodings({ jpeg, passed }: BrowserWishes): readonly number[] {
  return [...DECODED_ENCODINGS, ...(jpeg === undefined ? [] : [DESKTOP_QUALITY]), DESKTOP_LEVEL, ENCODING.lastRect, ...passed];
}
