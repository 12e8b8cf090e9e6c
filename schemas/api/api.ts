// What passes over /api/v1, in and out. Routes, OpenAPI document and page use these; a field of the cluster or database
// that is not here does not leave the gateway.
import * as z from 'zod';
import { ERROR_CATEGORIES, RETRY_CLASSES } from '../errors/entry.ts';
import { AUDIT_EVENTS, type AuditEventType } from '../events.ts';
import { gitSyncSpec } from '../kinds/git-sync/git-sync-spec.ts';
import { gitSyncStatus } from '../kinds/git-sync/git-sync-status.ts';
import { dnsLabel } from '../kinds/kind.ts';
import { sessionSpec, sessionState, sessionStatus } from '../kinds/sessions/session.ts';
import { teamRole } from '../kinds/team.ts';
import { templateSpec } from '../kinds/template.ts';
import { stepUpNeed } from './factors.ts';

const time = z.string().meta({ format: 'date-time' });

export const metadata = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string(),
  resourceVersion: z.string(),
  creationTimestamp: time,
  deletionTimestamp: time.optional(),
  generation: z.int().optional(),
});

/** Kubernetes' own shape: metadata, spec, status. */
export const viewOf = <S extends z.ZodType, T extends z.ZodType>(kind: string, spec: S, status: T) =>
  z.object({
    apiVersion: z.literal('streamspace.io/v1alpha1'),
    kind: z.literal(kind),
    metadata,
    spec,
    status: status.optional(),
  });

/** What the caller may do with this object, as the API server said: hides buttons, never decides. */
export const may = z.object({
  control: z.boolean(),
  observe: z.boolean(),
  exec: z.boolean(),
  update: z.boolean(),
  delete: z.boolean(),
});

/** The status without the endpoint: where a desktop answers is nobody's business outside. */
export const sessionView = viewOf('Session', sessionSpec, sessionStatus.omit({ endpoint: true })).extend({ may });
export type SessionView = z.infer<typeof sessionView>;

export const templateView = viewOf('Template', templateSpec, z.object({}));
export type TemplateView = z.infer<typeof templateView>;

/** `update`: ask for a sync, suspend, resume, confirm deletions. */
export const gitSyncView = viewOf('GitSync', gitSyncSpec, gitSyncStatus).extend({ may: may.pick({ update: true }) });
export type GitSyncView = z.infer<typeof gitSyncView>;

/** A list; `metadata.resourceVersion` is the cursor of a watch (`?resourceVersion=`). */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }), items: z.array(item) });

/**
 * Server-sent events of a list with `Accept: text/event-stream`. SSE `event:` is the type and `data:` the JSON below.
 * `snapshot` comes first (the whole list), then changes. `resync` says that the cursor was too old: a snapshot follows.
 * `snapshot` carries a list, `added` and `changed` an object, `deleted` the {@link deletedView} of one that is gone or that
 * the reader may no longer see, `bookmark` a {@link bookmarkView}, `resync` an empty object. An SSE `id:` is a cursor for
 * `Last-Event-ID`; it stands on those events after which nothing older is outstanding.
 * SSE comments (`: heartbeat`) every 15 s keep the connection open.
 */
export const watchEventTypes = ['snapshot', 'added', 'changed', 'deleted', 'bookmark', 'resync'] as const;
export const deletedView = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string().optional(), uid: z.string() }),
});
export type DeletedView = z.infer<typeof deletedView>;
/** The `data` of a `bookmark`. @public */
export const bookmarkView = z.object({ metadata: z.object({ resourceVersion: z.string() }) });

export const me = z.object({
  name: z.string(),
  displayName: z.string(),
  groups: z.array(z.string()),
  platformRole: z.enum(['platformAdmin', 'auditor']).nullable(),
  teams: z.array(z.object({ name: z.string(), displayName: z.string(), namespace: z.string(), role: teamRole })),
  /** Which pages to show, from the API server's answers. */
  may: z.object({
    gitSyncs: z.boolean(),
    allSessions: z.boolean(),
    audit: z.boolean(),
    people: z.boolean(),
    health: z.boolean(),
  }),
  breakGlass: z
    .array(z.object({ person: z.string(), at: time, address: z.string().nullable() }))
    .describe('Uses of the break-glass account within 24 h, newest first; told to platform admins only.'),
  csrfToken: z.string().nullable().describe('For the header X-CSRF-Token of a cookie session; null with an API key.'),
});
export type Me = z.infer<typeof me>;

export const sessionCreate = z.object({
  metadata: z.object({ name: dnsLabel.max(50).optional() }).optional(),
  spec: z.object({
    template: sessionSpec.shape.template,
    owner: z.string().optional().describe('Somebody else, with the right `assign`.'),
  }),
});
export type SessionCreate = z.infer<typeof sessionCreate>;

/** As the API server gives them (KEP-5504): any other it answers with status 500. */
export const resourceVersion = z.string().regex(/^[1-9]\d{0,18}$/, 'write the resourceVersion that the object had');

/** JSON merge patch. */
export const sessionPatch = z.object({
  metadata: z.object({ resourceVersion: resourceVersion.optional() }).optional(),
  spec: z.object({ desiredState: sessionState }),
});

export const ticketCreate = z.object({ right: z.enum(['control', 'view']) });
export type StreamRight = z.infer<typeof ticketCreate>['right'];
export const ticketView = z.object({ ticket: z.string(), path: z.string(), expiresAt: time });
export type TicketView = z.infer<typeof ticketView>;

export const gitSyncActionResult = z.object({ requestedAt: time });

export const auditEventView = z.object({
  id: z.string(),
  at: time,
  type: z.enum(Object.keys(AUDIT_EVENTS) as [AuditEventType, ...AuditEventType[]]),
  actor: z.string().nullable().describe('The person, or null where nobody was recognised.'),
  result: z.enum(['success', 'refused', 'failure']),
  object: z.string().nullable().describe('`kind/namespace/name` of what it was about.'),
  sourceAddress: z.string().nullable(),
  requestId: z.string().nullable(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type AuditEventView = z.infer<typeof auditEventView>;
/** Newest first; `metadata.continue` is the cursor of the next page, missing on the last. */
export const auditList = z.object({
  metadata: z.object({ continue: z.string().optional() }),
  items: z.array(auditEventView),
});

/** What a code means: a row of the table of errors. */
export const errorCode = z.object({
  code: z.string(),
  category: z.enum(ERROR_CATEGORIES),
  status: z.int().describe('Of the HTTP answer.'),
  retry: z.enum(RETRY_CLASSES),
  remedy: z.string(),
});
export type ErrorCodeView = z.infer<typeof errorCode>;
/** By code, all of them. */
export const errorCodeList = z.object({ items: z.array(errorCode) });

/** RFC 9457. */
export const problem = z.object({
  type: z.string().describe('Link to what the code means, on this installation.'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().describe('Stable; see docs/reference/errors.md.'),
  remedy: z.string(),
  requestId: z.string(),
  fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  stepUp: stepUpNeed.optional().describe('With `StepUpRequired`: what is asked for.'),
});
export type Problem = z.infer<typeof problem>;
