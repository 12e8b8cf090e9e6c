// A commit, as the kinds name it.
import * as z from 'zod';

export const commitId = z
  .string()
  .max(40)
  .regex(/^[0-9a-f]{40}$/, 'write a full commit id of 40 hexadecimal digits');
