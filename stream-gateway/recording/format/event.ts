// What happened beside the picture. Never what was typed, copied or said.
import { z } from 'zod';

export const recordingEvent = z.discriminatedUnion('type', [
  /** Somebody used keyboard or pointer; at most once a second. */
  z.object({ type: z.literal('input') }),
  z.object({ type: z.literal('clipboard'), direction: z.enum(['Up', 'Down']), bytes: z.int().min(0) }),
  z.object({ type: z.literal('joined'), person: z.string().max(256) }),
  z.object({ type: z.literal('left'), person: z.string().max(256) }),
  /** The desktop changes more than the policy lets be recorded in a second: fewer pictures, none of them in part. */
  z.object({ type: z.literal('slowed'), fps: z.number().min(0) }),
  z.object({ type: z.literal('fullSpeed') }),
]);

export type RecordingEvent = z.infer<typeof recordingEvent>;

/** Undefined: written by a newer version, or damaged; an event is never worth a picture. */
export function parseRecordingEvent(payload: Buffer): RecordingEvent | undefined {
  try {
    const read = recordingEvent.safeParse(JSON.parse(payload.toString()));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}
