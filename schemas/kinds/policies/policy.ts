// What policies of every kind have: to which sessions they apply, within what their namespace reaches, and what is told of them.
import * as z from 'zod';
import { conditions, observedGeneration } from '../kind.ts';

/** Of a Template, as a policy names it. */
export const templateName = z
  .string()
  .min(1)
  .max(317)
  .regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'write the name of a template, or namespace/name')
  .describe('`name` in any namespace, or `namespace/name`.');

export const policyTargets = z.object({
  teams: z
    .array(z.string().min(1).max(253).describe('Name of a Team.'))
    .max(256)
    .optional()
    .describe('Only sessions of these teams. Left out: of every team that the namespace reaches.'),
  templates: z.array(templateName).max(256).optional().describe('Only sessions of these templates.'),
  cel: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .describe(
      'Only sessions for which this CEL expression is true, over `session`, `template` (objects) and `team` (a name). A session for which it cannot be told counts as one.',
    ),
});
export type PolicyTargets = z.infer<typeof policyTargets>;

export const policyStatus = z.object({
  observedGeneration: observedGeneration.optional(),
  conditions: conditions.optional(),
  sessions: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional().describe('How many sessions it applies to.'),
});
export type PolicyStatus = z.infer<typeof policyStatus>;
