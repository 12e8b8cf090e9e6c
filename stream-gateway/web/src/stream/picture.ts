// How the desktop is to send its picture: what a person may choose, and the steps between which the automatic choice moves.

export const PICTURE_CHOICES = ['automatic', 'sharp', 'smooth', 'low'] as const;
export type PictureChoice = (typeof PICTURE_CHOICES)[number];

export interface Picture {
  /** JPEG Quality Level Pseudo-encoding (rfbproto), 0 to 9; from 8 on text has no coloured edges. */
  readonly quality: number;
  /** Compression Level Pseudo-encoding (rfbproto), 0 to 9. Above 6 it costs the desktop time and gains nothing. */
  readonly compression: number;
  /** Null: as many as the desktop makes and the link carries. */
  readonly framesPerSecond: number | null;
}

/** From the best to what a bad mobile network still carries. */
export const STEPS: readonly [Picture, ...Picture[]] = [
  { quality: 8, compression: 2, framesPerSecond: null },
  { quality: 6, compression: 2, framesPerSecond: null },
  { quality: 3, compression: 4, framesPerSecond: null },
  { quality: 1, compression: 6, framesPerSecond: 10 },
  { quality: 0, compression: 6, framesPerSecond: 5 },
];

const FIXED: Readonly<Record<Exclude<PictureChoice, 'automatic'>, Picture>> = {
  sharp: { quality: 9, compression: 2, framesPerSecond: null },
  smooth: { quality: 4, compression: 1, framesPerSecond: null },
  low: { quality: 1, compression: 6, framesPerSecond: 8 },
};

/** @param step where the automatic choice is, an index of {@link STEPS} */
export function pictureOf(choice: PictureChoice, step: number): Picture {
  return choice === 'automatic' ? (STEPS[step] ?? STEPS[0]) : FIXED[choice];
}

export type LinkWord = 'good' | 'fair' | 'slow';

/** In a word: below 80 ms typing feels local; above 250 ms everybody waits for his own letters. */
export function linkWord(roundTripMs: number): LinkWord {
  return roundTripMs < 80 ? 'good' : roundTripMs < 250 ? 'fair' : 'slow';
}
