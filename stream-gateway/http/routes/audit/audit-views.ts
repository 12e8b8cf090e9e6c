// Searches that a person keeps, for whoever may read the audit log. Nobody sees those of others: a link shares one.
import * as z from 'zod';
import { type AuditView, auditView, auditViewChange, auditViews } from '../../../../schemas/api/audit.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import { deleteAuditView, type KeptView, listAuditViews, saveAuditView } from '../../../store/audit-views.ts';
import { type Route, route } from '../../route.ts';
import { type AuditPorts, requireAudit } from './audit.ts';
import { auditSearchOf } from './audit-search.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are meant
const viewPath = z.object({ name: auditView.shape.name.regex(/^[^\u0000-\u001f\u007f]+$/, 'leave out control characters') });

export function auditViewRoutes(ports: AuditPorts): readonly Route[] {
  const { decisions, db } = ports;
  return [
    route({
      method: 'get',
      path: '/audit/views',
      operationId: 'listAuditViews',
      summary: 'The searches that the person keeps.',
      tag: 'Audit',
      responses: { 200: { name: 'AuditViewList', schema: auditViews } },
      async handle({ person }) {
        await requireAudit(decisions, person);
        return { status: 200, body: { items: (await listAuditViews(db, person.name)).map(present) } };
      },
    }),
    route({
      method: 'put',
      path: '/audit/views/{name}',
      operationId: 'putAuditView',
      summary: 'Keeps a search under a name, in place of one that had it.',
      tag: 'Audit',
      params: viewPath,
      body: { name: 'AuditViewChange', schema: auditViewChange },
      responses: { 200: { name: 'AuditView', schema: auditView } },
      async handle({ person, params: { name }, body: { query } }) {
        await requireAudit(decisions, person);
        auditSearchOf(ports, query);
        const kept = await saveAuditView(db, person.name, name, query);
        if (kept === undefined) throw new StreamSpaceError('AuditViewLimit', 'you keep 50 searches already');
        return { status: 200, body: present(kept) };
      },
    }),
    route({
      method: 'delete',
      path: '/audit/views/{name}',
      operationId: 'deleteAuditView',
      summary: 'Forgets a search.',
      tag: 'Audit',
      params: viewPath,
      responses: { 204: null },
      async handle({ person, params: { name } }) {
        await requireAudit(decisions, person);
        await deleteAuditView(db, person.name, name);
        return { status: 204 };
      },
    }),
  ];
}

function present({ name, query, savedAt }: KeptView): AuditView {
  return { name, query, savedAt: savedAt.toISOString() };
}
