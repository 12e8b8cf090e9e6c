// How the person arranges displays: offered again where the same monitors are found.
import * as z from 'zod';
import type { Queryable } from '../../../../runtime/db/database.ts';
import { type DisplayLayoutView, displayLayout, displayLayoutView } from '../../../../schemas/api/displays.ts';
import { findDisplayLayout, type KeptLayout, saveDisplayLayout } from '../../../store/display-layouts.ts';
import { type Route, route } from '../../route.ts';

export interface DisplayLayoutPorts {
  readonly db: Queryable;
}

const monitorsPath = z.object({
  monitors: z.string().regex(/^[0-9a-f]{64}$/, 'write the SHA-256 of the monitors as 64 hexadecimal digits'),
});
const VIEW = { name: 'DisplayLayoutView', schema: displayLayoutView } as const;

export function displayLayoutRoutes({ db }: DisplayLayoutPorts): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/me/display-layouts/{monitors}',
      operationId: 'getDisplayLayout',
      summary: 'How the person has arranged displays at these monitors.',
      tag: 'Me',
      params: monitorsPath,
      responses: { 200: VIEW },
      async handle({ person, params: { monitors } }) {
        return { status: 200, body: present(monitors, await findDisplayLayout(db, person.name, monitors)) };
      },
    }),
    route({
      method: 'put',
      path: '/me/display-layouts/{monitors}',
      operationId: 'putDisplayLayout',
      summary: 'Keeps how the person has arranged displays at these monitors.',
      tag: 'Me',
      params: monitorsPath,
      body: { name: 'DisplayLayout', schema: displayLayout },
      responses: { 200: VIEW },
      async handle({ person, params: { monitors }, body }) {
        return { status: 200, body: present(monitors, await saveDisplayLayout(db, person.name, monitors, body)) };
      },
    }),
  ];
}

function present(monitors: string, layout: KeptLayout | undefined): DisplayLayoutView {
  return { monitors, displays: layout?.displays ?? null, savedAt: layout?.savedAt.toISOString() ?? null };
}
