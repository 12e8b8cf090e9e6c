// A picture of a page with 256 colours, which is a third of the bytes.
import { decode, encode } from 'fast-png';

/** Half of the colours are those that it has most of, half those that are farthest from all others, so that no hue is lost. */
export function indexedPng(png: Buffer): Uint8Array {
  const { data, width, height, channels } = decode(png);
  const pixels = Array.from({ length: width * height }, (_, at) => [...data.subarray(at * channels, at * channels + 3)]);
  const found = [...Map.groupBy(pixels, (colour) => colour.join()).values()].toSorted((a, b) => b.length - a.length);
  const colours = found.map(([colour = []]) => ({ colour, far: Number.POSITIVE_INFINITY, index: 0 }));
  const palette: number[][] = [];
  while (palette.length < Math.min(256, colours.length)) {
    const farthest = colours.reduce((best, each) => (each.far > best.far ? each : best));
    const { colour } = (palette.length < 128 ? colours[palette.length] : undefined) ?? farthest;
    for (const each of colours) {
      const far = each.colour.reduce((sum, value, at) => sum + (value - (colour[at] ?? 0)) ** 2, 0);
      if (far < each.far) Object.assign(each, { far, index: palette.length });
    }
    palette.push(colour);
  }
  const indexes = new Map(colours.map(({ colour, index }) => [colour.join(), index]));
  const picture = Uint8Array.from(pixels, (colour) => indexes.get(colour.join()) ?? 0);
  return encode({ width, height, data: picture, depth: 8, channels: 1, palette });
}
