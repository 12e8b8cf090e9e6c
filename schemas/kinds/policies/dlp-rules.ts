// What may pass between a person and a desktop: the rules of a DlpPolicy, and their shape once several are merged.
import * as z from 'zod';
import { cel, dnsLabel } from '../kind.ts';
import { fileRules, mergedFileRules } from './file-rules.ts';
import { markImage } from './mark-image.ts';
import { isRe2Pattern } from './re2.ts';

/** The formats of the extended clipboard (rfbproto, 7.7.27); a plain cut text is `text`. */
export const clipboardFormat = z.enum(['text', 'rtf', 'html', 'dib', 'files']);
export type ClipboardFormat = z.infer<typeof clipboardFormat>;

export const contentDetector = z.enum([
  'CardNumber',
  'Iban',
  'PrivateKey',
  'AwsAccessKey',
  'AzureStorageKey',
  'GoogleApiKey',
  'GitHubToken',
  'GitLabToken',
  'SlackToken',
  'JsonWebToken',
]);
export type ContentDetector = z.infer<typeof contentDetector>;

export const contentAction = z.enum(['Report', 'Redact', 'Block']);
export type ContentAction = z.infer<typeof contentAction>;

/** Above this a message of the protocol is refused whatever a policy says. */
export const MAX_CLIPBOARD_BYTES = 256 * 1024;
/** Of all policies of one session together. */
export const MAX_MERGED_RULES = 512;

const ONE_OF_TWO = 'give exactly one of detector and pattern';
const WRITE_RE2 = 'write a regular expression of RE2 (no look-around, no back references)';

export const contentRule = z
  .object({
    name: dnsLabel.describe('Its name in the audit and in what the person reads.'),
    detector: contentDetector.optional().describe('A pattern that is built in, with its check sum where it has one.'),
    pattern: z
      .string()
      .min(1)
      .max(512)
      .refine(isRe2Pattern, WRITE_RE2)
      // The API server's CEL is RE2 as well: a pattern that it cannot read is an error here, which refuses the object.
      .meta(cel({ rule: "''.matches(self) in [true, false]", message: WRITE_RE2 }))
      .optional()
      .describe('A regular expression of RE2, such as `(?i)project[ -]falcon`.'),
    action: contentAction.describe(
      '`Block` stops the whole clipboard, `Redact` puts * in place of what was found, `Report` only writes to the audit.',
    ),
    direction: z
      .enum(['Both', 'Up', 'Down'])
      .default('Both')
      .describe('`Up` is from the browser to the desktop, `Down` from the desktop to the browser.'),
  })
  .refine(({ detector, pattern }) => (detector === undefined) !== (pattern === undefined), ONE_OF_TWO)
  .meta(cel({ rule: 'has(self.detector) != has(self.pattern)', message: ONE_OF_TWO }))
  .describe('What may not be in a clipboard.');
export type ContentRule = z.infer<typeof contentRule>;

const upField = z.boolean().describe('Whether text may be pasted into the desktop.');
const downField = z.boolean().describe('Whether text that was copied in the desktop reaches the browser.');
const maxBytesField = z.int().min(0).max(MAX_CLIPBOARD_BYTES).describe('Of one clipboard, unpacked, in bytes. 0: none at all.');
const perMinuteField = z
  .int()
  .min(0)
  .max(6000)
  .describe('Clipboards a minute in each direction; that many at once after a quiet minute. 0: none at all.');
const formatsField = z.array(clipboardFormat).max(5).describe('The formats that pass; a plain clipboard is `text`.');
const windowSecondsField = z
  .int()
  .min(0)
  .max(300)
  .describe('A secret cut in two is found when both parts come within this time. 0: every clipboard is judged alone.');
const keysPerSecondField = z.int().min(1).max(1000).describe('Keys a second; more are left out. Nobody types more than 30.');

export const clipboardRules = z.object({
  up: upField.optional(),
  down: downField.optional(),
  maxBytes: maxBytesField.optional(),
  perMinute: perMinuteField.optional(),
  formats: formatsField.optional(),
  windowSeconds: windowSecondsField.optional(),
  rules: z
    .array(contentRule)
    .max(32)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .optional()
    .describe('What the content may not hold. All rules of all policies count.'),
});
export type ClipboardRules = z.infer<typeof clipboardRules>;

export const MARK_POSITIONS = ['Tiled', 'TopLeft', 'TopRight', 'BottomLeft', 'BottomRight', 'Center'] as const;

const markText = z.string().min(1).max(200);
const markOpacity = z.int().min(5).max(60);
const markPosition = z.enum(MARK_POSITIONS);
const markRefresh = z.int().min(10).max(3600);
const MARK_TEXT =
  'One line for each line of it; `{user}`, `{session}`, `{address}` and `{time}` (UTC) are filled in by the gateway.';
const MARK_IMAGE =
  'A PNG above the text, such as a logo: base64 in one line, at most 512 by 512 pixels of 8 bits a channel, with transparency.';
const MARK_OPACITY = 'How much of the picture the mark covers, in per cent.';
const MARK_POSITION = '`Tiled` covers the whole screen.';
const MARK_REFRESH = 'How often the time in it goes on, in seconds; it has minutes.';

const watermarkRules = z.object({
  text: markText.default('{user} {time}').describe(MARK_TEXT),
  image: markImage.optional().describe(MARK_IMAGE),
  opacityPercent: markOpacity.default(15).describe(MARK_OPACITY),
  position: markPosition.default('Tiled').describe(MARK_POSITION),
  refreshSeconds: markRefresh.default(60).describe(MARK_REFRESH),
});

const mergedWatermark = z.object({
  text: markText.describe(MARK_TEXT),
  image: markImage.optional().describe(MARK_IMAGE),
  opacityPercent: markOpacity.describe(MARK_OPACITY),
  position: markPosition.describe(MARK_POSITION),
  refreshSeconds: markRefresh.describe(MARK_REFRESH),
});
export type MergedWatermark = z.infer<typeof mergedWatermark>;

/** The longest side that a desktop may have. */
const MAX_SIDE = 16_384;
const sideField = z.int().min(0).max(MAX_SIDE);

/** Not `x` and `y`: in YAML 1.1, which kubectl reads, a plain y is the word yes. */
const regionRules = z.object({
  left: sideField.describe('From the left edge of the screen, in pixels.'),
  top: sideField.describe('From the top edge, in pixels.'),
  width: z.int().min(1).max(MAX_SIDE).describe('In pixels.'),
  height: z.int().min(1).max(MAX_SIDE).describe('In pixels.'),
});

const mergedRegion = z.object({
  left: sideField.describe('From the left edge of the screen, in pixels.'),
  top: sideField.describe('From the top edge, in pixels.'),
  width: sideField.describe('In pixels. 0: nothing is visible.'),
  height: sideField.describe('In pixels. 0: nothing is visible.'),
});
export type MergedRegion = z.infer<typeof mergedRegion>;

const WATERMARK = 'A text, and an image if there is one, that the gateway burns into the picture.';
const REGION = 'The part of the screen that is visible; all else is black.';

export const dlpRules = z.object({
  clipboard: clipboardRules.optional().describe('Copy and paste. What is left out is not limited.'),
  files: fileRules.optional().describe('Upload and download. What is left out is not limited.'),
  keysPerSecond: keysPerSecondField.optional(),
  watermark: watermarkRules.optional().describe(WATERMARK),
  region: regionRules.optional().describe(REGION),
});
export type DlpRules = z.infer<typeof dlpRules>;

/** As `dlpRules`, merged over all policies of one session. A rule carries the policy that it comes from. */
export const mergedDlpRules = z.object({
  clipboard: z
    .object({
      up: upField,
      down: downField,
      maxBytes: maxBytesField,
      perMinute: perMinuteField.optional(),
      formats: formatsField,
      windowSeconds: windowSecondsField,
      rules: z
        .array(
          z.object({
            policy: z.string().max(320).describe('`namespace/name` of its DlpPolicy.'),
            name: z.string().max(63).describe('Its name there.'),
            detector: contentDetector.optional().describe('As there.'),
            pattern: z.string().max(512).optional().describe('As there.'),
            action: contentAction.describe('As there.'),
            direction: z.enum(['Both', 'Up', 'Down']).describe('As there.'),
          }),
        )
        .max(MAX_MERGED_RULES)
        .describe('Every rule of every policy. Where there are more, nothing passes.'),
    })
    .describe('Copy and paste.'),
  // Optional, so that a gateway that is newer than the controller still reads the rest; without it no file passes.
  files: mergedFileRules.optional().describe('Upload and download. Left out: not merged yet, and no file passes.'),
  keysPerSecond: keysPerSecondField.optional(),
  watermark: mergedWatermark.optional().describe(WATERMARK),
  region: mergedRegion.optional().describe(REGION),
});
export type MergedDlpRules = z.infer<typeof mergedDlpRules>;
