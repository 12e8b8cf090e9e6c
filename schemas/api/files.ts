// Files of a session as /api/v1 sends and takes them.
import * as z from 'zod';
import { MAX_FILE_BYTES } from '../kinds/policies/file-rules.ts';

/** The most that one part of an upload may have, in bytes. */
export const MAX_PART_BYTES = 16 * 1024 * 1024;

const path = z.string().max(4096);

export const fileEntry = z.object({
  name: z.string(),
  kind: z.enum(['File', 'Folder', 'Link', 'Other']),
  bytes: z.int().min(0).describe('Of a file.'),
  modifiedAt: z.iso.datetime().nullable(),
});
export type FileEntry = z.infer<typeof fileEntry>;

export const fileList = z.object({
  path: z.string().describe('From the home on; empty is the home itself.'),
  items: z.array(fileEntry).describe('Folders first, then by name.'),
  truncated: z.boolean().describe('There are more than are listed.'),
});
export type FileList = z.infer<typeof fileList>;

export const folderCreate = z.object({ path: path.describe('Of the new folder; the one that it lies in is there.') });

export const uploadCreate = z.object({
  path: path.describe('Of the file, from the home on.'),
  bytes: z.int().min(0).max(MAX_FILE_BYTES).describe('How many will come.'),
  type: z
    .string()
    .max(255)
    .default('')
    .describe(
      'Its media type as the browser knows it; empty: nothing is claimed. A claim that the content contradicts is refused.',
    ),
});
export type UploadCreate = z.input<typeof uploadCreate>;

export const uploadView = z.object({
  id: z.string(),
  path: z.string(),
  bytes: z.int().min(0),
  offset: z.int().min(0).describe('How far it has come; the next part begins here.'),
});
export type UploadView = z.infer<typeof uploadView>;

export const uploadedFile = z.object({
  path: z.string(),
  bytes: z.int().min(0),
  sha256: z.string().length(64),
  type: z.string().describe('By content.'),
});
export type UploadedFile = z.infer<typeof uploadedFile>;
