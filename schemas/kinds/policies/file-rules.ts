// Which files may pass between a person's machine and the home of a session: the rules of a DlpPolicy, and their merged shape.
import * as z from 'zod';
import { MEDIA_TYPE_PATTERN } from '../../media-types.ts';

/** Above this no file passes, whatever a policy says: it is spooled by the gateway. */
export const MAX_FILE_BYTES = 4 * 1024 ** 3;
const MAX_TYPES = 64;
/** Of all policies of one session together. */
export const MAX_MERGED_TYPES = 512;

const mediaType = z
  .string()
  .min(3)
  .max(128)
  .regex(MEDIA_TYPE_PATTERN, 'write a media type in lower case such as image/png, or image/* for all of a kind')
  .describe('Such as `application/pdf` or `image/*`.');

/** Not `Off`: in YAML 1.1, which kubectl reads, a plain Off is the word no. */
export const fileScan = z.enum(['None', 'Required']);
export type FileScan = z.infer<typeof fileScan>;

const upField = z.boolean().describe('Whether files may be uploaded into the home of a session.');
const downField = z.boolean().describe('Whether files and folders of the home may be downloaded.');
const maxBytesField = z.int().min(0).max(MAX_FILE_BYTES).describe('Of one file, or of all files of one folder, in bytes.');
const perMinuteField = z
  .int()
  .min(0)
  .max(6000)
  .describe(
    'Files a minute in each direction; that many at once after a quiet minute. Each file of a folder counts. 0: none at all.',
  );
const allowTypesField = z
  .array(mediaType)
  .max(MAX_TYPES)
  .describe('Only these types pass, as found in the content; a name proves nothing.');
const scanField = fileScan.describe(
  '`Required`: nothing passes that the virus scanner has not found clean; while it is away, nothing passes at all.',
);

export const fileRules = z.object({
  up: upField.optional(),
  down: downField.optional(),
  maxBytes: maxBytesField.optional(),
  perMinute: perMinuteField.optional(),
  allowTypes: allowTypesField.optional(),
  denyTypes: z.array(mediaType).max(MAX_TYPES).optional().describe('These types never pass. Those of all policies count.'),
  scan: scanField.optional(),
});
export type FileRules = z.infer<typeof fileRules>;

export const mergedFileRules = z.object({
  up: upField,
  down: downField,
  maxBytes: maxBytesField.optional(),
  perMinute: perMinuteField.optional(),
  allowTypes: z
    .array(mediaType)
    .max(MAX_MERGED_TYPES)
    .optional()
    .describe('Only these types pass. Left out: all but the denied.'),
  denyTypes: z
    .array(
      z.object({
        policy: z.string().max(320).describe('`namespace/name` of its DlpPolicy.'),
        type: mediaType,
      }),
    )
    .max(MAX_MERGED_TYPES)
    .describe('Every denied type of every policy. Where there are more, nothing passes.'),
  scan: scanField,
});
export type MergedFileRules = z.infer<typeof mergedFileRules>;
