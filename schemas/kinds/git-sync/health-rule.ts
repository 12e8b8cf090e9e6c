// What is healthy, for a kind that neither Kubernetes nor we know: expressions in CEL over the object.
import * as z from 'zod';

/** Whether it can be read as CEL is found by the controller: this module is loaded in the sandbox of rendering too. */
const expression = z.string().min(1).max(1024);

export const healthRule = z.object({
  kind: z
    .string()
    .min(1)
    .max(317)
    .regex(/^[^/ ]*(\/[^/ ]+)?$/, 'write group/kind, or the kind alone for the core group')
    .describe('`group/kind`, such as `example.com/Database`; the kind alone for the core group.'),
  healthy: expression.describe('CEL over `self`: true once the object is what it should be.'),
  failed: expression.optional().describe('CEL over `self`: true when waiting longer is no use. Asked first.'),
  progressing: expression.optional().describe('CEL over `self`: true while it is on its way. Asked before `healthy`.'),
  message: expression.optional().describe('CEL over `self`: a text that says why it is not healthy.'),
});

export type HealthRule = z.infer<typeof healthRule>;
