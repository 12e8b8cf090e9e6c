// To which sessions a policy applies, within what its namespace reaches.
import * as z from 'zod';

export const policyTargets = z.object({
  teams: z
    .array(z.string().min(1).max(253).describe('Name of a Team.'))
    .max(256)
    .optional()
    .describe('Only sessions of these teams. Left out: of every team that the namespace reaches.'),
  templates: z
    .array(
      z
        .string()
        .min(1)
        .max(317)
        .regex(
          /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
          'write the name of a template, or namespace/name',
        )
        .describe('`name` in any namespace, or `namespace/name`.'),
    )
    .max(256)
    .optional()
    .describe('Only sessions of these templates.'),
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
