// What the decoders of pixels stand on in Node, and what stands in for it in a browser (ADR 0027).
import { fileURLToPath } from 'node:url';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export const BROWSER_MODULES: Readonly<Record<string, string>> = {
  minizlib: here('./src/player/browser/minizlib.ts'),
  '@julusian/jpeg-turbo': here('./src/player/browser/jpeg-turbo.ts'),
  // noVNC's copy of zlib, which its package keeps to itself.
  'novnc-zlib/inflate': here('../../node_modules/@novnc/novnc/vendor/pako/lib/zlib/inflate.js'),
  'novnc-zlib/zstream': here('../../node_modules/@novnc/novnc/vendor/pako/lib/zlib/zstream.js'),
};
