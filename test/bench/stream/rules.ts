// Policies as they are in use, for measuring what they cost.
import type { MergedDlpRules } from '../../../schemas/kinds/policies/dlp-rules.ts';
import { limited } from '../../support/stream-server.ts';

/** Everything but a watermark: clipboards are judged, keys are counted. */
export const WITH_DLP: MergedDlpRules = limited(
  { maxBytes: 10_000, perMinute: 10, formats: ['text'], windowSeconds: 10 },
  { keysPerSecond: 200 },
);

export const WITH_MARK: MergedDlpRules = limited(
  {},
  { watermark: { text: '{user} {time}', opacityPercent: 20, position: 'Tiled', refreshSeconds: 60 } },
);
