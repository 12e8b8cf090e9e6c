// GitSync: a repository, ref and path kept in the cluster; what Argo CD calls Application and Flux a Kustomization.
import type * as z from 'zod';
import type { KindDefinition, KubeObject } from '../kind.ts';
import { gitSyncSpec } from './git-sync-spec.ts';
import { gitSyncStatus } from './git-sync-status.ts';

export type GitSyncSpec = z.infer<typeof gitSyncSpec>;
export type GitSyncStatus = z.infer<typeof gitSyncStatus>;
export type GitSync = KubeObject<GitSyncSpec, GitSyncStatus>;

export const gitSyncKind: KindDefinition = {
  kind: 'GitSync',
  plural: 'gitsyncs',
  singular: 'gitsync',
  shortNames: ['gs'],
  scope: 'Namespaced',
  description: 'A repository, ref and path kept in the cluster.',
  spec: gitSyncSpec,
  status: gitSyncStatus,
  rules: [
    {
      rule: "!has(self.units) || self.path == '.'",
      message: 'leave path out: each of units has its own',
      fieldPath: '.path',
    },
    {
      rule: '!has(self.changes) || has(self.ref.branch)',
      message: 'changes need a branch in ref: nobody can commit to a tag or a commit',
      fieldPath: '.changes',
    },
  ],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'Revision', type: 'string', jsonPath: '.status.revision' },
    { name: 'Objects', type: 'integer', jsonPath: '.status.objects' },
    { name: 'Health', type: 'string', jsonPath: '.status.health' },
    { name: 'Suspended', type: 'boolean', jsonPath: '.spec.suspend', priority: 1 },
    { name: 'URL', type: 'string', jsonPath: '.spec.url', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: {
    Ready: {
      Synced: 'The revision is applied and, where `wait` is on, healthy.',
      Progressing: 'A sync is under way.',
      Suspended: 'Nothing is written while `suspend` is true.',
      WindowClosed: 'Nothing is written now because of `windows`; the message says when it opens.',
      'any error code': 'The last attempt failed; docs/reference/errors.md has the remedy.',
    },
    Stalled: {
      GitHistoryRewritten: 'The branch no longer descends from the applied revision; `historyRewrites` is `Refuse`.',
      GitTagMoved: 'The tag names another commit than the applied one; `movedTags` is `Refuse`.',
      Following: 'The revision that Git names may be applied.',
    },
    Drifted: {
      DriftFound: 'Somebody changed an object that Git owns, and it is not put back now: suspended, a window, a fight.',
      NoDrift: 'The cluster is as Git says.',
    },
    Fighting: {
      FieldFight: 'Git and another writer keep changing a field (5 changes a minute or more); it is put back once a minute.',
      NoFight: 'The last fight is over.',
    },
  },
};
