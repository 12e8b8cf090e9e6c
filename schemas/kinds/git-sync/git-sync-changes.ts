// Whether and how change requests are written to the repository of a GitSync.
import * as z from 'zod';
import { SUBJECT_NAME } from '../../names.ts';
import { ATOMIC, cel, dnsLabel, duration } from '../kind.ts';

const BRANCH_PREFIX = /^[A-Za-z0-9][\w./-]*\/$/;

const PATHS_OR_KINDS = 'a rule has paths, kinds or both';
/** Those of CODEOWNERS. */
const PATH_PATTERN = /^\/?[^\s!#\\[\]/][^\s\\[\]/]*(\/[^\s\\[\]/]+)*\/?$/;

export const approvalRule = z
  .object({
    paths: z
      .array(
        z
          .string()
          .min(1)
          .max(256)
          .regex(PATH_PATTERN, 'write a pattern such as policies/**, /teams/ or *.ts, as in CODEOWNERS')
          .refine((text) => !text.includes('***'), 'write at most two asterisks in a row'),
      )
      .min(1)
      .max(32)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional()
      .describe('It counts for changes of files that one of these patterns matches, which are those of CODEOWNERS.'),
    kinds: z
      .array(
        z
          .string()
          .max(63)
          .regex(/^[A-Z][A-Za-z0-9]*$/, 'write a kind such as AccessBinding'),
      )
      .min(1)
      .max(32)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional()
      .describe('It counts for changes that make, change or delete an object of one of these kinds, whatever its API group.'),
    approvals: z.int().min(1).max(10).describe('How many people have to approve then, besides whoever asked.'),
  })
  .refine(({ paths, kinds }) => paths !== undefined || kinds !== undefined, PATHS_OR_KINDS)
  .meta({ ...ATOMIC, ...cel({ rule: 'has(self.paths) || has(self.kinds)', message: PATHS_OR_KINDS }) });
export type ApprovalRule = z.infer<typeof approvalRule>;

const LOGIN = /^[A-Za-z0-9][A-Za-z0-9._-]*(\[bot\])?$/;

export const forgeSettings = z.object({
  type: z.enum(['GitHub', 'Gitea']).describe('Whose API it speaks. Forgejo is a Gitea here.'),
  apiUrl: z
    .string()
    .max(512)
    .regex(/^https?:\/\/[^/?#@\s]+(\/[^?#@\s]*)?$/, 'write an http or https URL without user, password and query')
    .optional()
    .describe(
      'Left out: made of the URL of the repository. `https://api.github.com` for github.com, `/api/v3` of its host for GitHub Enterprise Server, `/api/v1` for Gitea.',
    ),
  mergeMethod: z
    .enum(['Merge', 'Squash', 'Rebase'])
    .default('Merge')
    .describe('How a pull request is merged. With `Merge` the commit that was approved stands in the branch as it is.'),
  people: z
    .array(
      z.object({
        login: z.string().min(1).max(64).regex(LOGIN, 'write a login of the forge').describe('Who it is there.'),
        user: z.string().min(1).max(128).regex(SUBJECT_NAME, 'write a name without spaces').describe('Who it is here.'),
      }),
    )
    .max(1000)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['login'] })
    .default([])
    .describe('Who of the forge is who here. The review of somebody who is not named does not count.'),
});
export type ForgeSettings = z.infer<typeof forgeSettings>;

const autoRollback = z.object({
  onFailure: z
    .boolean()
    .default(false)
    .describe('Where the sync fails with it, and it alone has come since the last good revision.'),
  onDegraded: z.boolean().default(false).describe('Where an object that it changed has failed.'),
  afterSeconds: z.int().min(0).max(86_400).default(300).describe('How long that has to last.'),
});

export const gitSyncChanges = z.object({
  forge: forgeSettings
    .optional()
    .describe('Where change requests are pull requests. Left out: they are reviewed in StreamSpace, and merged by it.'),

  secretRef: z
    .object({ name: dnsLabel.describe('Name of the Secret.') })
    .describe(
      'A Secret in the same namespace with credentials that may push; its keys are those of `credentialsRef`. Another one than that, so that reading and writing are two rights.',
    ),
  signingKeyRef: z
    .object({ name: dnsLabel.describe('Name of the Secret.') })
    .optional()
    .describe(
      'A Secret in the same namespace with an Ed25519 or RSA key that commits of change requests are signed with: `ssh-privatekey` (OpenSSH or PEM), and `passphrase` where it has one. Left out: they are not signed, and `verify` takes none.',
    ),
  branchPrefix: z
    .string()
    .min(2)
    .max(128)
    .regex(BRANCH_PREFIX, 'write the beginning of a branch name that ends with /')
    .default('streamspace/change/')
    .describe('How the branches of change requests begin. What is below belongs to the controller.'),
  requireApprovals: z
    .int()
    .min(0)
    .max(10)
    .default(1)
    .describe(
      'How many people have to approve, besides whoever asked. 0: what somebody asks for who may approve is merged at once; everybody else needs one approval.',
    ),
  approvalRules: z
    .array(approvalRule)
    .max(32)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .default([])
    .describe('Where it takes more people. Of all rules that count and `requireApprovals` the largest number holds.'),
  codeOwners: z
    .enum(['Ignore', 'Show', 'Require'])
    .default('Show')
    .describe(
      'What becomes of CODEOWNERS in the branch. `Show`: a change request says who owns the files that it changes. `Require`: besides `requireApprovals`, one owner of each of them has to approve.',
    ),
  autoRollback: autoRollback
    .optional()
    .describe(
      'When the controller asks by itself for what was merged by a change request to be undone. Somebody approves it, whatever `requireApprovals` says. Left out: never.',
    ),
  expireAfter: duration.default('720h').describe('After this time a change request that is not merged ends.'),
});
export type GitSyncChanges = z.infer<typeof gitSyncChanges>;
