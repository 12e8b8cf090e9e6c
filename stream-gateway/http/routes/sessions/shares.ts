// Shares of a session: make, list, change, revoke; and what others share with the caller.
import type * as z from 'zod';
import type { Database } from '../../../../runtime/db/database.ts';
import {
  shareChange,
  shareCreate,
  shareCreated,
  sharedSessionList,
  shareList,
  shareView,
} from '../../../../schemas/api/sharing.ts';
import type { SessionJson } from '../../../sessions/kinds-json.ts';
import { sharedWith } from '../../../sharing/entry.ts';
import {
  changeShare,
  listShares,
  type MakeSharePorts,
  makeShare,
  presentShare,
  revokeShare,
} from '../../../sharing/make-share.ts';
import { resetControl } from '../../../store/seats.ts';
import { extendVisits } from '../../../store/visits.ts';
import { type Route, route } from '../../route.ts';
import { objectPath } from '../parameters.ts';

export interface ShareRoutePorts extends MakeSharePorts {
  readonly db: Database;
  readonly sessions: { readonly objects: ReadonlyMap<string, SessionJson> };
}

const sharePath = objectPath.extend({ share: objectPath.shape.name });
const objectOf = ({ namespace, name }: z.infer<typeof objectPath>): string => `Session/${namespace}/${name}`;

export function shareRoutes(ports: ShareRoutePorts): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/namespaces/{namespace}/sessions/{name}/shares',
      operationId: 'createShare',
      summary: 'Shares the session with people, groups or teams, or by a link. The link is in this answer only.',
      tag: 'Sharing',
      params: objectPath,
      body: { name: 'ShareCreate', schema: shareCreate },
      responses: { 201: { name: 'ShareCreated', schema: shareCreated } },
      audit: 'share.created',
      refused: 'share.refused',
      object: objectOf,
      async handle({ person, params, body }) {
        const { share, link } = await makeShare(ports, person, params, body);
        const view = presentShare(ports.shares, share);
        const { name, mode, expiresAt, maxUses, moderated } = view;
        const subjects = view.subjects?.map((subject) => `${subject.kind}:${subject.name}`).join(' ') ?? 'link';
        return {
          status: 201,
          body: { ...view, link },
          audited: { object: objectOf(params), details: { share: name, with: subjects, mode, expiresAt, maxUses, moderated } },
        };
      },
    }),
    route({
      method: 'get',
      path: '/namespaces/{namespace}/sessions/{name}/shares',
      operationId: 'listShares',
      summary: 'Shares of the session, what its policy allows, and why the caller may share nothing where that is so.',
      tag: 'Sharing',
      params: objectPath,
      responses: { 200: { name: 'ShareList', schema: shareList } },
      handle: async ({ person, params }) => ({ status: 200, body: await listShares(ports, person, params) }),
    }),
    route({
      method: 'patch',
      path: '/namespaces/{namespace}/sessions/{name}/shares/{share}',
      operationId: 'updateShare',
      summary: 'Downgrades a share to looking on, or moves its end.',
      tag: 'Sharing',
      params: sharePath,
      body: { name: 'ShareChange', schema: shareChange },
      responses: { 200: { name: 'Share', schema: shareView } },
      audit: 'share.changed',
      object: objectOf,
      async handle({ person, params, body }) {
        const share = await changeShare(ports, person, params, body);
        const uid = share.metadata.uid ?? '';
        if (body.mode !== undefined) await resetControl(ports.db, uid);
        if (body.expiresInMinutes !== undefined) await extendVisits(ports.db, uid, ports.shares.endOf(share));
        const { mode, expiresAt } = presentShare(ports.shares, share);
        return {
          status: 200,
          body: presentShare(ports.shares, share),
          audited: { object: objectOf(params), details: { share: params.share, mode, expiresAt } },
        };
      },
    }),
    route({
      method: 'delete',
      path: '/namespaces/{namespace}/sessions/{name}/shares/{share}',
      operationId: 'revokeShare',
      summary: 'Ends a share for good. Streams over it are cut within a second.',
      tag: 'Sharing',
      params: sharePath,
      responses: { 204: null },
      audit: 'share.revoked',
      object: objectOf,
      async handle({ person, params }) {
        await revokeShare(ports, person, params);
        return { status: 204, audited: { object: objectOf(params), details: { share: params.share } } };
      },
    }),
    route({
      method: 'get',
      path: '/shared-sessions',
      operationId: 'listSharedSessions',
      summary: 'Sessions that others share with the caller by name, group or team.',
      tag: 'Sharing',
      responses: { 200: { name: 'SharedSessionList', schema: sharedSessionList } },
      handle: async ({ person }) => ({
        status: 200,
        body: { items: sharedWith({ shares: ports.shares, sessions: ports.sessions.objects }, person) },
      }),
    }),
  ];
}
