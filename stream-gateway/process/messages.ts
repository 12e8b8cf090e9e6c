// What the front process and a stream process tell each other. They are of one version: the one starts the other.
import { z } from 'zod';
import { handOver } from './hand-over.ts';

/** The first message of all. */
export const begin = z.object({
  type: z.literal('begin'),
  /** From 0 to `count` - 1. */
  index: z.int().min(0),
  count: z.int().min(1),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
  /** What the settings of the front process were read from. Not in arguments: those every user of the machine can read. */
  given: z.object({ argv: z.array(z.string()), env: z.record(z.string(), z.string()) }),
});
export type Begin = z.infer<typeof begin>;

export const toStreams = z.discriminatedUnion('type', [
  begin,
  handOver,
  /** Close every stream, then end. */
  z.object({ type: z.literal('drain') }),
  /** Something was decided about who is in a session. */
  z.object({ type: z.literal('ring'), sessionUid: z.string() }),
  z.object({ type: z.literal('metrics'), id: z.int() }),
]);
export type ToStreams = z.infer<typeof toStreams>;

export const toFront = z.discriminatedUnion('type', [
  /** Sessions may be given to it from now on. */
  z.object({ type: z.literal('ready') }),
  /** It ends; it wants no more. */
  z.object({ type: z.literal('draining') }),
  /** As prom-client writes them for being added up. */
  z.object({ type: z.literal('metrics'), id: z.int(), metrics: z.array(z.looseObject({ name: z.string() })) }),
]);
export type ToFront = z.infer<typeof toFront>;
