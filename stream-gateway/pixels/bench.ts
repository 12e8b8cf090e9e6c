// What a frame of 1920 by 1080 costs on its way through the pixel path: `node --conditions=source stream-gateway/pixels/bench.ts`.
// Milliseconds are CPU time of the one thread that does it all. `--frames N` for longer runs, default 40.
import { parseArgs } from 'node:util';
import { setEncodings } from '../rfb/encodings.ts';
import { type BrowserWishes, browserWishes } from './browser-wishes.ts';
import { Burner, type BurnOptions } from './burn/burner.ts';
import { COVER, drawText } from './burn/text.ts';
import { Decoder } from './decode/decoder.ts';
import { PartFinder } from './encode/parts.ts';
import { TightEncoder } from './encode/tight-encoder.ts';
import { randomFrom } from './fixtures/pictures.ts';
import { type Area, Framebuffer, rgbx } from './framebuffer.ts';
import { PINNED_FORMAT } from './pinned-format.ts';
import { PixelPipeline } from './pipeline.ts';
import { TILE_SIDE, TileGrid } from './tiles.ts';

const { values } = parseArgs({ options: { frames: { type: 'string', default: '40' } } });
const FRAMES = Number(values.frames);
const SIZE = { width: 1920, height: 1080 };
const SCREEN: Area = { x: 0, y: 0, ...SIZE };
const GRID = new TileGrid(SIZE.width, SIZE.height);
const BURN: BurnOptions = {
  watermark: { lines: ['ann@example.org 10.1.2.3', '2026-11-28 12:00 session web-7f3'], opacity: 0.2, position: 'tiled' },
};
/** noVNC's own: quality 6, compression 2. */
const BROWSER = [1, 7, 16, 0, -32 + 6, -256 + 2];
const LOSSLESS = [1, 7, 16, 0, -256 + 2];

/** Of this thread, so that what else runs on the machine counts less. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

type Painter = (screen: Framebuffer, frame: number) => Area;

/** Lines of code in a few colours on white, scrolled by one line a frame. */
const scrollingText: Painter = (screen, frame) => {
  screen.fillRect(SCREEN, rgbx(255, 255, 255));
  for (let row = 0; row < 53; row += 1) textLine(screen, row, frame + row);
  return SCREEN;
};

/** One line of the same is new. */
const typing: Painter = (screen, frame) => {
  const area = { x: 8, y: 20 * (frame % 53) + 8, width: 1900, height: 22 };
  screen.fillRect(area, rgbx(255, 255, 255));
  textLine(screen, frame % 53, frame);
  return area;
};

function textLine(screen: Framebuffer, row: number, seed: number): void {
  const random = randomFrom(seed);
  const words = Array.from({ length: 4 + random(16) }, () => (random(1_000_000_000) + 36 ** 3).toString(36));
  const colours = [rgbx(20, 20, 20), rgbx(0, 90, 160), rgbx(140, 30, 30)];
  const picture = drawText([words.join(' ').slice(0, 180)], 1);
  const colour = colours[random(3)] ?? 0;
  for (let y = 0; y < picture.height && 20 * row + 8 + y < screen.height; y += 1)
    for (let x = 0; x < picture.width; x += 1)
      if (picture.cover[y * picture.width + x] === COVER.ink) screen.pixels[(20 * row + 8 + y) * screen.width + 10 + x] = colour;
}

/** A moving picture with grain, as a camera gives it. */
const video =
  (area: Area): Painter =>
  (screen, frame) => {
    const random = randomFrom(frame);
    for (let y = area.y; y < area.y + area.height; y += 1)
      for (let x = area.x; x < area.x + area.width; x += 1) {
        const grain = random(8);
        const red = 128 + 90 * Math.sin((x + 7 * frame) / 90) + grain;
        const green = 128 + 90 * Math.cos((y - 5 * frame) / 70) + grain;
        const blue = 128 + 90 * Math.sin((x + y + 3 * frame) / 150) + grain;
        screen.pixels[y * screen.width + x] = rgbx(red & 255, green & 255, blue & 255);
      }
    return area;
  };

function tilesOf(area: Area): Uint8Array {
  const flags = new Uint8Array(GRID.count);
  GRID.mark(flags, area);
  return flags;
}

function tightOf({ level, jpeg }: BrowserWishes): TightEncoder {
  const encoder = new TightEncoder(level);
  encoder.jpeg = jpeg;
  return encoder;
}

interface Timing {
  decode: number;
  burn: number;
  encode: number;
  pipeline: number;
  desktopBytes: number;
  browserBytes: number;
}

/** The painted frames as a desktop would send them: without loss, or with a JPEG of its own. */
function run(paint: Painter, desktop: readonly number[], browser: readonly number[]): Timing {
  const sums: Timing = { decode: 0, burn: 0, encode: 0, pipeline: 0, desktopBytes: 0, browserBytes: 0 };
  const painted = new Framebuffer(SIZE.width, SIZE.height);
  const clean = new Framebuffer(SIZE.width, SIZE.height);
  const marked = new Framebuffer(SIZE.width, SIZE.height);
  const source = tightOf(browserWishes(desktop));
  const encoder = tightOf(browserWishes(browser));
  const decoder = new Decoder(clean, PINNED_FORMAT);
  const burner = new Burner(GRID, BURN);
  const finder = new PartFinder();
  const pipeline = new PixelPipeline({ ...SIZE, burn: BURN });
  const request = Buffer.from([3, 1, 0, 0, 0, 0, SIZE.width >> 8, SIZE.width & 255, SIZE.height >> 8, SIZE.height & 255]);
  const tile = new Uint32Array(TILE_SIDE * TILE_SIDE);
  pipeline.start();
  pipeline.fromBrowser({ name: 'setEncodings', bytes: setEncodings(browser) });
  const warmUp = Math.ceil(FRAMES / 4);
  for (let frame = 0; frame < warmUp + FRAMES; frame += 1) {
    if (frame === warmUp) for (const key of Object.keys(sums) as (keyof Timing)[]) sums[key] = 0;
    const area = paint(painted, frame);
    const tiles = tilesOf(area);
    const sent = finder.find(painted, GRID, tiles).map((part) => ({ part, bytes: Buffer.concat(source.encode(painted, part)) }));
    const update = Buffer.concat([Buffer.from([0, 0, sent.length >> 8, sent.length & 255]), ...sent.map(({ bytes }) => bytes)]);
    sums.desktopBytes += update.length;

    const decodeAt = cpuMs();
    for (const { part, bytes } of sent) decoder.draw({ ...part, encoding: 7 }, bytes.subarray(12));
    const burnAt = cpuMs();
    for (let index = 0; index < GRID.count; index += 1) {
      if (!tiles[index]) continue;
      burner.burn(clean, index, tile);
      marked.blit(GRID.area(index), tile, 0, TILE_SIDE);
    }
    const encodeAt = cpuMs();
    for (const part of finder.find(marked, GRID, tiles))
      for (const bytes of encoder.encode(marked, part)) sums.browserBytes += bytes.length;
    const pipelineAt = cpuMs();
    pipeline.fromBrowser({ name: 'framebufferUpdateRequest', bytes: request });
    pipeline.fromDesktop(update);
    const end = cpuMs();
    sums.decode += burnAt - decodeAt;
    sums.burn += encodeAt - burnAt;
    sums.encode += pipelineAt - encodeAt;
    sums.pipeline += end - pipelineAt;
  }
  for (const it of [source, encoder, decoder, pipeline]) it.close();
  return sums;
}

const small: Area = { x: 600, y: 300, width: 640, height: 360 };
const CASES: readonly (readonly [string, Painter, readonly number[], readonly number[]])[] = [
  ['a line of text is new', typing, LOSSLESS, BROWSER],
  ['a screen of text scrolls', scrollingText, LOSSLESS, BROWSER],
  ['video of 640x360, desktop sends JPEG', video(small), [...LOSSLESS, -24], BROWSER],
  ['video of 1920x1080, desktop sends JPEG', video(SCREEN), [...LOSSLESS, -24], BROWSER],
  ['video of 1920x1080, desktop without loss', video(SCREEN), LOSSLESS, BROWSER],
  ['video of 1920x1080, all without loss', video(SCREEN), LOSSLESS, LOSSLESS],
];

process.stdout.write('ms a frame of 1920x1080          decode   burn  encode  pipeline  frames/s  kB in  kB out\n');
for (const [name, paint, desktop, browser] of CASES) {
  const sums = run(paint, desktop, browser);
  const cell = (sum: number, width: number, digits: number): string => (sum / FRAMES).toFixed(digits).padStart(width);
  process.stdout.write(
    `${name}\n${' '.repeat(32)}${cell(sums.decode, 7, 1)}${cell(sums.burn, 7, 1)}${cell(sums.encode, 8, 1)}${cell(sums.pipeline, 10, 1)}` +
      `${((1000 * FRAMES) / sums.pipeline).toFixed(0).padStart(10)}${cell(sums.desktopBytes / 1000, 7, 0)}${cell(sums.browserBytes / 1000, 8, 0)}\n`,
  );
}
