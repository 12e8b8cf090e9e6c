// The picture of a watermark: a small PNG that is part of its policy, so that a commit says all of it and nothing is fetched.
import * as z from 'zod';
import { cel } from '../kind.ts';

/** Of its base64: a policy is in the status of each of its sessions. */
export const MAX_MARK_IMAGE_CHARACTERS = 16_384;
export const MAX_MARK_IMAGE_SIDE = 512;

const START = 'iVBORw0KGgo';
const NO_PNG = 'give the base64 of a PNG, in one line';
const HEADER_CHARACTERS = 44;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Width and height as its header says (PNG, 11.2.1); undefined for what is no PNG at all. */
export function pngSize(base64: string): { readonly width: number; readonly height: number } | undefined {
  if (!base64.startsWith(START) || base64.length < HEADER_CHARACTERS) return undefined;
  const view = headerOf(base64);
  return view.getUint32(12) === 0x49484452 ? { width: view.getUint32(16), height: view.getUint32(20) } : undefined;
}

/** Neither `atob` nor Buffer: this runs in the page as well as in Node and in the renderer, and they share neither. */
function headerOf(base64: string): DataView {
  const view = new DataView(new ArrayBuffer((HEADER_CHARACTERS / 4) * 3));
  for (let at = 0; at < HEADER_CHARACTERS; at += 4) {
    const bits = [0, 1, 2, 3].reduce((sum, next) => (sum << 6) | ALPHABET.indexOf(base64.charAt(at + next)), 0);
    for (let byte = 0; byte < 3; byte += 1) view.setUint8((at / 4) * 3 + byte, (bits >> (16 - 8 * byte)) & 0xff);
  }
  return view;
}

function isSmall(base64: string): boolean {
  const size = pngSize(base64);
  if (size === undefined) return false;
  const { width, height } = size;
  return width > 0 && height > 0 && width <= MAX_MARK_IMAGE_SIDE && height <= MAX_MARK_IMAGE_SIDE;
}

export const markImage = z
  .string()
  .max(MAX_MARK_IMAGE_CHARACTERS)
  .regex(/^[A-Za-z0-9+/]{40,}={0,2}$/, NO_PNG)
  .refine(isSmall, `${NO_PNG}, at most ${MAX_MARK_IMAGE_SIDE} by ${MAX_MARK_IMAGE_SIDE} pixels`)
  .meta(cel({ rule: `self.startsWith('${START}')`, message: NO_PNG }));
