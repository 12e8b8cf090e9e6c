// What a stream or a console may do, as a verb on sessions.streamspace.io.
import type { TicketRight } from '../store/tickets.ts';

export const VERB_OF_RIGHT = { control: 'control', view: 'observe', exec: 'exec' } as const satisfies Record<TicketRight, string>;
