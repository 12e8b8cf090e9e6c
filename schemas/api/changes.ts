// Change requests over /api/v1: what is asked for, what is said of it, what became of it.
import * as z from 'zod';
import { changeEdit } from '../kinds/changes/change-edit.ts';
import { changeRequestSpec, changeRequestStatus, EDITS_OR_ROLLBACK } from '../kinds/changes/change-request.ts';
import { commitId } from '../kinds/git-sync/commit-id.ts';
import { accessOrigin } from './access.ts';
import { viewOf } from './api.ts';

export const changeCreate = changeRequestSpec
  .pick({ reason: true, target: true, rollback: true })
  .extend({
    until: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('When what is asked for is taken back, by another change request. Left out: it stays.'),
    edits: z.array(changeEdit).max(16).default([]).describe('What is to change, one after the other, in one commit.'),
  })
  .refine(({ edits, rollback }) => edits.length > 0 !== (rollback !== undefined), EDITS_OR_ROLLBACK);
export type ChangeCreate = z.infer<typeof changeCreate>;

const reason = z.string().min(1).max(1000);

export const changeApproval = z.object({
  commit: commitId.describe('The commit that you have seen; it is no approval of another one.'),
  reason: reason.optional().describe('Why.'),
});
export const changeRejection = z.object({ commit: commitId.optional(), reason: reason.describe('Why; whoever asked reads it.') });

export const changeView = viewOf('ChangeRequest', changeRequestSpec, changeRequestStatus).extend({
  may: z.object({
    approve: z.boolean().describe('The caller may approve or reject it now.'),
    withdraw: z.boolean().describe('The caller has asked for it, and it is open.'),
  }),
});
export type ChangeView = z.infer<typeof changeView>;

/** Policies and quotas: what the page of a team lists and edits. */
export const POLICY_KINDS = ['DlpPolicy', 'RecordingPolicy', 'SessionPolicy', 'SignInPolicy', 'NetworkProfile', 'Quota'] as const;
export const policyKind = z.enum(POLICY_KINDS);

/** What is edited as the YAML of its spec, in a namespace. */
export const EDITABLE_KINDS = ['Template', ...POLICY_KINDS, 'AccessBinding'] as const;
export const editableKind = z.enum(EDITABLE_KINDS);

/** And what of the whole cluster. */
export const CLUSTER_EDITABLE_KINDS = ['Team', 'AccessRole'] as const;
export const clusterEditableKind = z.enum(CLUSTER_EDITABLE_KINDS);
export type EditableKind = z.infer<typeof editableKind> | z.infer<typeof clusterEditableKind>;

export const editable = z.object({
  apiVersion: z.string(),
  kind: z.enum([...EDITABLE_KINDS, ...CLUSTER_EDITABLE_KINDS]),
  namespace: z.string().optional().describe('Left out for what is of the whole cluster.'),
  name: z.string(),
  spec: z.record(z.string(), z.unknown()).describe('As it is in the cluster, without what the API server fills in by itself.'),
  origin: accessOrigin,
});
export type Editable = z.infer<typeof editable>;
