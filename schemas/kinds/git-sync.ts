// GitSync: a repository, ref and path kept in the cluster; what Argo CD calls Application and Flux a Kustomization.
import * as z from 'zod';
import { DEFAULT_SYNC_SERVICE_ACCOUNT } from '../names.ts';
import { conditions, dnsLabel, duration, type KindDefinition, type KubeObject } from './kind.ts';

const sha = z.string().regex(/^[0-9a-f]{40}$/, 'write a full commit id of 40 hexadecimal digits');

export const gitSyncSpec = z.object({
  url: z
    .string()
    .min(1)
    .max(2048)
    .regex(/^https?:\/\/[^@\s]+$/, 'write an http or https URL without user or password')
    .describe('The repository. Credentials go into `credentialsRef`, never into the URL.'),
  ref: z
    .object({
      branch: z.string().min(1).max(255).optional().describe('Follow this branch.'),
      tag: z.string().min(1).max(255).optional().describe('Follow this tag.'),
      commit: sha.optional().describe('Stay at this commit.'),
    })
    .default({ branch: 'main' })
    .meta({
      'x-kubernetes-validations': [
        {
          rule: '[has(self.branch), has(self.tag), has(self.commit)].filter(x, x).size() == 1',
          message: 'give exactly one of branch, tag and commit',
        },
      ],
    })
    .describe('What to follow: exactly one of branch, tag, commit.'),
  path: z
    .string()
    .max(1024)
    .regex(/^[^/].*$|^$/, 'write a path relative to the root of the repository')
    .default('.')
    .describe('The folder to render, relative to the root of the repository.'),
  renderer: z
    .enum(['Auto', 'Yaml', 'Cdk8s'])
    .default('Auto')
    .describe(
      '`Auto` takes the entry file as the sign of a cdk8s app, else every .yaml, .yml and .json file below the path is a manifest.',
    ),
  entrypoint: z.string().min(1).max(255).default('main.ts').describe('The entry file of a cdk8s app, below `path`.'),
  credentialsRef: z
    .object({ name: dnsLabel })
    .optional()
    .describe('A Secret in the same namespace with `username` and `password` (or `token`).'),
  interval: duration.default('1m').describe('How often the repository is asked for a new revision; a push hook asks at once.'),
  serviceAccountName: dnsLabel
    .default(DEFAULT_SYNC_SERVICE_ACCOUNT)
    .describe('The service account, in the same namespace, whose rights everything is planned and applied with.'),
  prune: z
    .object({
      enabled: z.boolean().default(true).describe('Delete what left Git.'),
      maxDeletions: z
        .int()
        .min(0)
        .max(100000)
        .optional()
        .describe('More deletions than this wait for a confirmation of exactly this revision. Left out: no such limit.'),
      maxDeletionPercent: z
        .int()
        .min(0)
        .max(100)
        .default(50)
        .describe('The same as a share of the inventory; counts from 5 objects on.'),
      never: z
        .array(z.string().min(1).max(128))
        .max(64)
        .default([])
        .describe('Kinds that are never deleted, such as `PersistentVolumeClaim` or `apps/StatefulSet`.'),
    })
    .default({ enabled: true, maxDeletionPercent: 50, never: [] })
    .describe('What may be deleted, and when somebody has to confirm.'),
  conflicts: z
    .enum(['Overwrite', 'Block'])
    .default('Overwrite')
    .describe('What happens to a field that another field manager owns: Git wins, or the plan is blocked and names the manager.'),
  allowEmpty: z.boolean().default(false).describe('Let a path without manifests delete everything.'),
  deletionPolicy: z
    .enum(['Orphan', 'Delete'])
    .default('Delete')
    .describe('What happens to the objects when the GitSync itself is deleted.'),
  wait: z.boolean().default(true).describe('Wait until everything is healthy before `Ready` is True.'),
  timeout: duration.default('5m').describe('How long to wait for health.'),
  suspend: z.boolean().default(false).describe('Write nothing; drift is still reported.'),
});

/** One line of the plan as it stands in the status; the whole plan is printed by `streamspace plan`. */
export const plannedChange = z.object({
  action: z.enum(['create', 'configure', 'replace', 'unchanged', 'delete', 'skip', 'blocked']),
  object: z.string().max(1024).describe('`group/kind/namespace/name`'),
  file: z.string().max(1024).optional(),
  line: z.int().min(1).max(10000000).optional(),
  reason: z.string().max(4096).optional(),
});

export const gitSyncStatus = z.object({
  observedGeneration: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  conditions: conditions.optional(),
  revision: sha.optional().describe('The commit that is applied.'),
  attempted: sha.optional().describe('The commit of the last attempt, good or not.'),
  commit: z
    .object({
      author: z.string().max(256),
      message: z.string().max(1024).describe('First line.'),
      time: z.string().meta({ format: 'date-time' }),
    })
    .optional()
    .describe('The commit of `attempted`.'),
  health: z.enum(['Healthy', 'Progressing', 'Degraded', 'Unknown']).optional(),
  objects: z.int().min(0).max(1000000).optional().describe('How many objects the inventory holds.'),
  inventoryRef: z
    .object({ name: z.string(), shards: z.int().min(0).max(1000) })
    .optional()
    .describe('ConfigMaps that hold the inventory, compressed.'),
  plan: z
    .object({
      revision: sha.optional(),
      create: z.int().min(0).max(1000000),
      configure: z.int().min(0).max(1000000),
      replace: z.int().min(0).max(1000000),
      unchanged: z.int().min(0).max(1000000),
      delete: z.int().min(0).max(1000000),
      skip: z.int().min(0).max(1000000),
      blocked: z.int().min(0).max(1000000),
      changes: z.array(plannedChange).max(100).describe('The first 100 that are not `unchanged`.'),
      warnings: z.array(z.string().max(2048)).max(20),
    })
    .optional()
    .describe('The last plan.'),
  problems: z
    .array(
      z.object({
        code: z.string().max(128),
        message: z.string().max(4096),
        object: z.string().max(1024).optional(),
        file: z.string().max(1024).optional(),
        line: z.int().min(1).max(10000000).optional(),
      }),
    )
    .max(50)
    .optional()
    .describe('What is wrong now, each with its place.'),
  lastAttemptAt: z.string().meta({ format: 'date-time' }).optional(),
  lastSyncAt: z.string().meta({ format: 'date-time' }).optional(),
  handledRequest: z.string().max(128).optional().describe('The last value of the annotation that asks for a sync.'),
});

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
  rules: [],
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
      'any error code': 'The last attempt failed; docs/reference/errors.md has the remedy.',
    },
    Drifted: {
      DriftFound: 'Somebody changed an object that Git owns; suspended syncs only report it.',
      NoDrift: 'The cluster is as Git says.',
    },
  },
};
