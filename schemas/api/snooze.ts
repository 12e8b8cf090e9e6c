// Putting off the end of a session in which nobody types.
import * as z from 'zod';

export const snoozed = z.object({
  until: z.string().meta({ format: 'date-time' }).describe('The session goes on until then at least.'),
  snoozes: z.int().describe('How often it was put off since the last input, this time included.'),
  left: z.int().describe('How often it may be put off again without input.'),
});
export type Snoozed = z.infer<typeof snoozed>;
