// PNG as pixels that can be blended, by fast-png. It comes from a policy, not from a desktop; even so its header is judged first.
import { convertIndexedToRgb, type DecodedPng, decode } from 'fast-png';
import { MAX_MARK_IMAGE_SIDE, pngSize } from '../../schemas/kinds/policies/mark-image.ts';

/** Red, green, blue and alpha of each pixel, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

/** Undefined for what is no PNG of 8 bits a channel (or fewer with a palette), is damaged, or has a side above 512 pixels. */
export function decodePng(base64: string): Picture | undefined {
  try {
    const size = pngSize(base64);
    if (size === undefined || Math.max(size.width, size.height) > MAX_MARK_IMAGE_SIDE) return undefined;
    const png = decode(Buffer.from(base64, 'base64'), { checkCrc: true });
    const { width, height } = png;
    const channels = channelsOf(png);
    if (channels === undefined || channels.samples.length !== width * height * channels.count) return undefined;
    return { width, height, rgba: withAlpha(channels.samples, channels.count, width * height) };
  } catch {
    return undefined;
  }
}

interface Channels {
  readonly samples: Uint8Array;
  readonly count: number;
}

function channelsOf(png: DecodedPng): Channels | undefined {
  if (png.palette !== undefined) return { samples: convertIndexedToRgb(png), count: png.palette[0]?.length ?? 3 };
  if (png.depth !== 8) return undefined;
  return { samples: Uint8Array.from(png.data), count: png.channels };
}

/** @param count 1 or 2: grey, 3 or 4: colours; an even one has alpha */
function withAlpha(samples: Uint8Array, count: number, pixels: number): Uint8Array {
  const rgba = new Uint8Array(4 * pixels);
  const isColoured = count > 2;
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const from = pixel * count;
    for (let channel = 0; channel < 3; channel += 1) rgba[4 * pixel + channel] = samples[from + (isColoured ? channel : 0)] ?? 0;
    rgba[4 * pixel + 3] = count % 2 === 0 ? (samples[from + count - 1] ?? 255) : 255;
  }
  return rgba;
}
