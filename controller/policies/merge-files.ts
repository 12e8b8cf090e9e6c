// The part of the merge that only files have: lists of media types, and how a scan is asked for.
import { type FileScan, MAX_MERGED_TYPES } from '../../schemas/kinds/policies/file-rules.ts';
import { commonTypes, simplestTypes } from '../../schemas/media-types.ts';
import type { Merging } from './merging.ts';

/** What stands for a whole kind such as `image/*` weighs more than any list of single types. */
const KIND_WEIGHT = 1_000;

export const SCAN: Merging<FileScan> = {
  combine: (a, b) => (a === 'Required' ? a : b),
  measure: (scan) => (scan === 'None' ? 1 : 0),
};

export const TYPES: Merging<string[]> = {
  combine: (a, b) => commonTypes(a, b).slice(0, MAX_MERGED_TYPES), // what there is no room for does not pass
  measure: (types) => simplestTypes(types).reduce((sum, type) => sum + (type.endsWith('/*') ? KIND_WEIGHT : 1), 0),
};
