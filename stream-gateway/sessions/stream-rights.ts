// What a stream may do, as a verb on sessions.streamspace.io.
import type { StreamRight } from '../../schemas/api/api.ts';

export const VERB_OF_RIGHT = { control: 'control', view: 'observe' } as const satisfies Record<StreamRight, string>;
