// GitSync: a repository, ref and path kept in the cluster; what Argo CD calls Application and Flux a Kustomization.
import * as z from 'zod';
import { DEFAULT_SYNC_SERVICE_ACCOUNT } from '../names.ts';
import { gitSyncOperation } from '../sync-operation.ts';
import { fieldRule } from './field-rule.ts';
import { gitSyncAllow } from './git-sync-allow.ts';
import { gitSyncVerified, gitSyncVerify } from './git-sync-verify.ts';
import { healthRule } from './health-rule.ts';
import { cel, conditions, dnsLabel, duration, type KindDefinition, type KubeObject, observedGeneration, time } from './kind.ts';
import { orphansSpec, orphansStatus } from './orphans.ts';
import { syncWindow } from './sync-window.ts';

const sha = z
  .string()
  .max(40)
  .regex(/^[0-9a-f]{40}$/, 'write a full commit id of 40 hexadecimal digits');

const path = z
  .string()
  .max(1024)
  .regex(/^[^/].*$|^$/, 'write a path relative to the root of the repository');

/** Left out where the file has one document alone. */
const documentOf = z.int().min(1).max(10000000).optional().describe('Document of that file, from 1, where it has several.');

const renderer = z.enum(['Auto', 'Yaml', 'Cdk8s', 'Kustomize']);

const units = z
  .array(
    z.object({
      name: dnsLabel.describe('Unique in the GitSync; a unit that is renamed is another one.'),
      path: path.describe('The folder to render, relative to the root of the repository.'),
      renderer: renderer.optional().describe('Left out: that of the GitSync.'),
      entrypoint: z.string().min(1).max(255).optional().describe('Left out: that of the GitSync.'),
    }),
  )
  .min(1)
  .max(500)
  .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'give each unit a name of its own')
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
  .describe(
    'Several folders, rendered each on its own: one that cannot be rendered keeps its objects as they are, and the others go on. Left out: the folder at `path` is the only one.',
  );

export const gitSyncSpec = z.object({
  url: z
    .string()
    .min(1)
    .max(2048)
    .regex(/^(https?:\/\/[^@\s]+|ssh:\/\/([^@:/\s]+@)?[^@/\s]+\/\S+)$/, 'write an http, https or ssh URL without a password')
    .describe(
      'The repository: `https://host/path` or `ssh://user@host[:port]/path`. Credentials go into `credentialsRef`, never into the URL.',
    ),
  ref: z
    .object({
      branch: z.string().min(1).max(255).optional().describe('Follow this branch.'),
      tag: z.string().min(1).max(255).optional().describe('Follow this tag.'),
      semver: z
        .string()
        .min(1)
        .max(255)
        .optional()
        .describe(
          'Follow the highest tag in this range of versions, such as `^1.2` or `>=2 <3`; pre-releases only where it names one.',
        ),
      commit: sha.optional().describe('Stay at this commit.'),
    })
    .refine(
      ({ branch, tag, semver, commit }) => [branch, tag, semver, commit].filter((given) => given !== undefined).length === 1,
      'give exactly one of branch, tag, semver and commit',
    )
    .meta(
      cel({
        rule: '[has(self.branch), has(self.tag), has(self.semver), has(self.commit)].filter(x, x).size() == 1',
        message: 'give exactly one of branch, tag, semver and commit',
      }),
    )
    .default({ branch: 'main' })
    .describe('What to follow: exactly one of branch, tag, semver, commit.'),
  path: path
    .default('.')
    .describe('The folder to render, relative to the root of the repository; left out where there are `units`.'),
  renderer: renderer
    .default('Auto')
    .describe(
      '`Auto` takes the entry file as the sign of a cdk8s app, else a kustomization file as that of Kustomize, else every .yaml, .yml and .json file below the path is a manifest.',
    ),
  entrypoint: z.string().min(1).max(255).default('main.ts').describe('The entry file of a cdk8s app, below `path`.'),
  units: units.optional(),
  credentialsRef: z
    .object({ name: dnsLabel.describe('Name of the Secret.') })
    .optional()
    .describe(
      'A Secret in the same namespace: `username` and `password` (or `token`), a GitHub App, an ssh `identity` with `known_hosts`, `ca.crt`, `tls.crt` and `tls.key` (docs/guides/git-source.md).',
    ),
  webhookSecretRef: z
    .object({ name: dnsLabel.describe('Name of the Secret.') })
    .optional()
    .describe(
      'A Secret in the same namespace whose key `secret` signs the push hooks of the forge. Left out: hooks are refused.',
    ),
  historyRewrites: z
    .enum(['Follow', 'Refuse'])
    .default('Follow')
    .describe('What a force-push does: its commit is followed, or refused while it does not descend from the applied one.'),
  movedTags: z
    .enum(['Follow', 'Refuse'])
    .default('Follow')
    .describe('What a tag does that names another commit than the applied one: it is followed or refused.'),
  limits: z
    .object({
      files: z.int().min(1).max(200_000).default(20_000).describe('How many files the path may hold.'),
      bytes: z.int().min(1).max(1_000_000_000).default(100_000_000).describe('How many bytes all of them may have.'),
      fileBytes: z.int().min(1).max(100_000_000).default(10_000_000).describe('How many bytes one of them may have.'),
    })
    .default({ files: 20_000, bytes: 100_000_000, fileBytes: 10_000_000 })
    .describe('What is read of a commit; beyond it nothing is planned.'),
  verify: gitSyncVerify
    .optional()
    .describe('Which signatures a revision needs before it is looked at. Left out: none (docs/signatures.md).'),
  interval: duration
    .refine((text) => !/^(0+[hms])+$/.test(text), 'write at least 1s')
    .meta(cel({ rule: "!self.matches('^(0+[hms])+$')", message: 'write at least 1s' }))
    .default('1m')
    .describe('How often the repository is asked for a new revision; a push hook asks at once.'),
  serviceAccountName: dnsLabel
    .default(DEFAULT_SYNC_SERVICE_ACCOUNT)
    .describe('The service account, in the same namespace, whose rights everything is planned and applied with.'),
  allow: gitSyncAllow
    .optional()
    .describe('What may be touched, narrower than the rights of the service account. Left out: those rights alone decide.'),
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
        .array(z.string().min(1).max(128).describe('A kind, or group/kind.'))
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
  ignore: z
    .array(fieldRule)
    .max(64)
    .default([])
    .describe(
      'Fields that are left to others: written when the object is made, then neither compared nor applied nor owned by this GitSync.',
    ),
  mask: z
    .array(fieldRule)
    .max(64)
    .default([])
    .describe('Fields whose values no plan and no diff shows, besides those of Secrets, which are hidden always.'),
  allowEmpty: z.boolean().default(false).describe('Let a path without manifests delete everything.'),
  deletionPolicy: z
    .enum(['Orphan', 'Delete', 'WaitForTermination'])
    .default('Delete')
    .describe(
      'What happens to the objects when the GitSync itself is deleted. `Orphan`: they stay. `Delete`: they are deleted in order, and the GitSync goes when each was told to go, though a finalizer may hold it for longer. `WaitForTermination`: the GitSync goes when the last one is gone.',
    ),
  health: z
    .array(healthRule)
    .max(32)
    .default([])
    .describe('What is healthy, for kinds whose status says it in words of its own; the first rule for a kind counts.'),
  wait: z.boolean().default(true).describe('Wait until everything is healthy before `Ready` is True.'),
  timeout: duration.default('5m').describe('How long to wait for health.'),
  suspend: z.boolean().default(false).describe('Write nothing; drift is still reported.'),
  dependsOn: z
    .array(
      z.object({
        name: dnsLabel.describe('Name of the GitSync.'),
        namespace: dnsLabel.optional().describe('Its namespace; left out: the same one.'),
      }),
    )
    .max(32)
    .default([])
    .describe('GitSyncs that have to be ready first. Looked at again every 30 s, and at once when one becomes ready.'),
  orphans: orphansSpec
    .default({ report: false, every: '10m', ignore: [] })
    .describe('A report of what lies in the namespaces that the GitSync writes to and stands in nobody’s Git.'),
  windows: z
    .array(syncWindow)
    .max(32)
    .default([])
    .describe(
      'When to write. Without any: always. While closed, drift is still reported; a sync that runs at the edge finishes.',
    ),
});

/** One line of the plan as it stands in the status; the whole plan is printed by `streamspace plan`. */
export const plannedChange = z.object({
  action: z.enum(['create', 'configure', 'replace', 'unchanged', 'delete', 'skip', 'blocked']).describe('What happens to it.'),
  object: z.string().max(1024).describe('`group/kind/namespace/name`'),
  file: z.string().max(1024).optional().describe('Where it stands in Git.'),
  line: z.int().min(1).max(10000000).optional().describe('Line in that file, from 1.'),
  document: documentOf,
  reason: z.string().max(4096).optional().describe('Why.'),
});

export const gitSyncStatus = z.object({
  observedGeneration: observedGeneration.optional(),
  conditions: conditions.optional(),
  revision: sha.optional().describe('The commit that is applied.'),
  source: z
    .object({
      url: z.string().max(2048).describe('The repository.'),
      ref: z
        .string()
        .max(300)
        .describe('`branch main`, `tag v1.2.3` or `commit ...`; of a range of versions the tag that it chose.'),
    })
    .optional()
    .describe('Where `revision` came from.'),
  attempted: sha.optional().describe('The commit of the last attempt, good or not.'),
  commit: z
    .object({
      author: z.string().max(256).describe('Who wrote it.'),
      message: z.string().max(1024).describe('First line.'),
      time: time.describe('When it was committed.'),
    })
    .optional()
    .describe('The commit of `attempted`.'),
  verified: gitSyncVerified.optional().describe('The last revision whose signatures were found good.'),
  health: z.enum(['Healthy', 'Progressing', 'Degraded', 'Unknown']).optional().describe('The worst health of all its objects.'),
  objects: z.int().min(0).max(1000000).optional().describe('How many objects the inventory holds.'),
  inventoryRef: z
    .object({
      name: z.string().max(253).describe('Name of the first.'),
      shards: z.int().min(0).max(1000).describe('How many there are.'),
    })
    .optional()
    .describe('ConfigMaps that hold the inventory, compressed.'),
  units: z
    .array(
      z.object({
        name: z.string().max(63).describe('Its name in `spec.units`.'),
        path: z.string().max(1024).describe('Its folder.'),
        tree: z.string().max(64).optional().describe('The id of the Git tree at its path when it was last looked at.'),
        objects: z.int().min(0).max(1000000).describe('How many objects of the inventory are its own.'),
        revision: z.string().max(40).optional().describe('The commit that it was last applied from.'),
        ready: z.boolean().describe('Rendered and applied as it is at the commit of the last attempt.'),
        problem: z
          .object({
            code: z.string().max(128).describe('A stable code (docs/reference/errors.md).'),
            message: z.string().max(512).describe('What is wrong, for people.'),
            file: z.string().max(1024).optional().describe('Where it stands in Git.'),
            line: z.int().min(1).max(10000000).optional().describe('Line in that file, from 1.'),
            document: documentOf,
          })
          .optional()
          .describe('Why it is not ready.'),
      }),
    )
    .max(500)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .optional()
    .describe('Each of `spec.units`; left out without them.'),
  plan: z
    .object({
      revision: sha.optional().describe('The commit that was planned.'),
      create: z.int().min(0).max(1000000).describe('To be created.'),
      configure: z.int().min(0).max(1000000).describe('To be changed.'),
      replace: z.int().min(0).max(1000000).describe('To be deleted and created anew.'),
      unchanged: z.int().min(0).max(1000000).describe('As Git says already.'),
      delete: z.int().min(0).max(1000000).describe('To be deleted.'),
      skip: z.int().min(0).max(1000000).describe('Left alone on purpose.'),
      blocked: z.int().min(0).max(1000000).describe('What stops the plan.'),
      changes: z.array(plannedChange).max(100).describe('The first 100 that are not `unchanged`.'),
      warnings: z.array(z.string().max(2048).describe('One warning.')).max(20).describe('What does not stop the plan.'),
    })
    .optional()
    .describe('The last plan.'),
  problems: z
    .array(
      z.object({
        code: z.string().max(128).describe('A stable code (docs/reference/errors.md).'),
        message: z.string().max(4096).describe('What is wrong, for people.'),
        object: z.string().max(1024).optional().describe('`group/kind/namespace/name`'),
        file: z.string().max(1024).optional().describe('Where it stands in Git.'),
        line: z.int().min(1).max(10000000).optional().describe('Line in that file, from 1.'),
        document: documentOf,
      }),
    )
    .max(50)
    .optional()
    .describe('What is wrong now, each with its place.'),
  operation: gitSyncOperation.optional(),
  orphans: orphansStatus.optional().describe('What stands in nobody’s Git; only with `spec.orphans.report`.'),
  lastAttemptAt: time.optional().describe('When the last attempt began.'),
  lastSyncAt: time.optional().describe('When everything was last applied.'),
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
  rules: [
    {
      rule: "!has(self.units) || self.path == '.'",
      message: 'leave path out: each of units has its own',
      fieldPath: '.path',
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
