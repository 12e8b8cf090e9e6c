// What is burnt into the picture of one viewer, from the rules in force. Pure: the time is an argument.
import type { MergedDlpRules, MergedRegion, MergedWatermark } from '../../../schemas/kinds/policies/dlp-rules.ts';
import type { BurnOptions } from '../../pixels/burn/burner.ts';
import type { MarkPosition } from '../../pixels/burn/places.ts';
import type { WatermarkOptions } from '../../pixels/burn/watermark.ts';

/** What the placeholders of a mark stand for. */
export interface MarkFacts {
  readonly user: string;
  /** `namespace/name`. */
  readonly session: string;
  readonly address: string;
}

const POSITIONS: Readonly<Record<MergedWatermark['position'], MarkPosition>> = {
  Tiled: 'tiled',
  TopLeft: 'topLeft',
  TopRight: 'topRight',
  BottomLeft: 'bottomLeft',
  BottomRight: 'bottomRight',
  Center: 'center',
};

/** Whether the pixels of a session have to be changed on their way. */
export function changesPixels({ watermark, region }: MergedDlpRules): boolean {
  return watermark !== undefined || region !== undefined;
}

export function burnOf({ watermark, region }: MergedDlpRules, facts: MarkFacts, at: Date): BurnOptions {
  return {
    ...(watermark === undefined ? {} : { watermark: markOf(watermark, facts, at) }),
    ...(region === undefined ? {} : { region: regionOf(region) }),
  };
}

function markOf({ text, image, opacityPercent, position }: MergedWatermark, facts: MarkFacts, at: Date): WatermarkOptions {
  const values: Readonly<Record<string, string>> = { ...facts, time: `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC` };
  // All at once, so that a person who is called {time} is not filled in again.
  const filled = text.replace(/\{(user|session|address|time)\}/g, (whole, name: string) => values[name] ?? whole);
  return {
    ...{ lines: filled.split('\n'), opacity: opacityPercent / 100, position: POSITIONS[position] },
    ...(image === undefined ? {} : { image }),
  };
}

export function regionOf({ left, top, width, height }: MergedRegion): NonNullable<BurnOptions['region']> {
  return { x: left, y: top, width, height, unit: 'pixels', outside: 'black' };
}
