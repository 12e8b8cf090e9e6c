// What a GitSync is told: from where, what of it, with whose rights, when, and what may be deleted.
import * as z from 'zod';
import { DEFAULT_SYNC_SERVICE_ACCOUNT } from '../../names.ts';
import { fieldRule } from '../field-rule.ts';
import { cel, dnsLabel, duration } from '../kind.ts';
import { commitId } from './commit-id.ts';
import { gitSyncAllow } from './git-sync-allow.ts';
import { gitSyncChanges } from './git-sync-changes.ts';
import { gitSyncVerify } from './git-sync-verify.ts';
import { healthRule } from './health-rule.ts';
import { orphansSpec } from './orphans.ts';
import { syncWindow } from './sync-window.ts';

const path = z
  .string()
  .max(1024)
  .regex(/^[^/].*$|^$/, 'write a path relative to the root of the repository');

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
      commit: commitId.optional().describe('Stay at this commit.'),
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
  changes: gitSyncChanges
    .optional()
    .describe(
      'Lets people change what is in this repository by change requests (docs/guides/changes.md). It takes a branch in `ref`. Left out: change requests are refused.',
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
