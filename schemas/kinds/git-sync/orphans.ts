// The report of what lies in the namespaces of a GitSync and stands in nobody's Git.
import * as z from 'zod';
import { duration, time } from '../kind.ts';

const pattern = z.string().min(1).max(253);

export const orphansSpec = z.object({
  report: z.boolean().default(false).describe('Look for them, and tell in `status.orphans`. Nothing is ever deleted.'),
  every: duration.default('10m').describe('How often to look, at most.'),
  ignore: z
    .array(
      z.object({
        group: pattern.optional().describe('API group; `*` stands for any text. Left out: any.'),
        kind: pattern.optional().describe('Kind; `*` stands for any text. Left out: any.'),
        name: pattern.optional().describe('Name; `*` stands for any text. Left out: any.'),
      }),
    )
    .max(64)
    .default([])
    .describe('What is no orphan: an object that fits every field of one entry.'),
});

export const orphansStatus = z.object({
  count: z.int().min(0).max(10000000).describe('How many there are.'),
  sample: z.array(z.string().max(1024).describe('`group/kind/namespace/name`')).max(20).describe('The first of them.'),
  at: time.describe('When they were counted.'),
  incomplete: z.boolean().optional().describe('Not everything could be looked at: too many namespaces, or no answer.'),
});
export type OrphansSpec = z.infer<typeof orphansSpec>;
export type OrphansStatus = z.infer<typeof orphansStatus>;
