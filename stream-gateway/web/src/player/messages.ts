// What the page and its worker say to each other.
import type { StepUpNeed } from '../../../../schemas/api/factors.ts';

/** Of a closed segment, as the index lists it. Milliseconds since the recording began. */
export interface PlayedSegment {
  readonly number: number;
  readonly startMs: number;
  readonly durationMs: number;
  readonly width: number;
  readonly height: number;
}

export type ToWorker =
  /** Again whenever the recording has grown. */
  | { readonly type: 'segments'; readonly address: string; readonly segments: readonly PlayedSegment[] }
  /** The newest counts; those before it that were not answered are not. */
  | { readonly type: 'show'; readonly atMs: number }
  /** The first picture of a segment, small. */
  | { readonly type: 'thumbnail'; readonly number: number };

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, 255 of every pixel. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** As a refusal of the gateway, or of the decoder. */
export interface PlayerProblem {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly remedy: string;
  readonly requestId: string | null;
  /** Of `StepUpRequired`: what is asked for. */
  readonly stepUp?: StepUpNeed | undefined;
}

/** When the picture changed, in a segment that is there whole. */
export interface HeldSegment {
  readonly number: number;
  readonly changes: readonly number[];
}

export type FromWorker =
  /** Shown up to this time; without `picture` it is the one before. */
  | { readonly type: 'shown'; readonly atMs: number; readonly picture?: Picture }
  | { readonly type: 'held'; readonly segments: readonly HeldSegment[] }
  | { readonly type: 'thumbnail'; readonly number: number; readonly picture: Picture }
  | { readonly type: 'failed'; readonly problem: PlayerProblem };
