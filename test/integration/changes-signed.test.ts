// A change request for a GitSync that asks for signatures of every commit and for code owners: ours are signed, and they are synced.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { ChangeRequest } from '../../schemas/kinds/changes/change-request.ts';
import { API_GROUP, API_GROUP_VERSION, kubernetesGroups, kubernetesUser, PLATFORM_ADMINS_GROUP } from '../../schemas/names.ts';
import { must } from '../support/command.ts';
import { temporaryFolder } from '../support/recording.ts';
import { commitSigned, pushAll, sshSigner } from '../support/signing.ts';
import { eventually } from '../support/wait.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const TIMEOUT_MS = 120_000;
const TEMPLATE = `apiVersion: streamspace.io/v1alpha1
kind: Template
metadata:
  name: own
spec:
  displayName: Own # as people see it
  image: example.com/none:1
`;

const as = ({ client }: World, person: string) =>
  client.as({ user: kubernetesUser(person), groups: [...kubernetesGroups([PLATFORM_ADMINS_GROUP]), 'system:authenticated'] });

async function ask(world: World): Promise<void> {
  const { namespace } = world;
  const object = { apiVersion: API_GROUP_VERSION, kind: 'Template', namespace, name: 'own' };
  const spec = {
    ...{ requestedBy: { name: 'admin', mayApprove: true }, reason: 'It is to be called ours' },
    target: { namespace, name: 'sync' },
    edits: [{ action: 'Patch', object, changes: [{ op: 'Set', path: 'spec.displayName', value: '"Ours"' }] }],
  };
  const body = { apiVersion: API_GROUP_VERSION, kind: 'ChangeRequest', metadata: { name: 'c', namespace }, spec };
  await as(world, 'admin').create(RESOURCES.changeRequests, namespace, JSON.stringify(body));
}

/** With what is said of code owners, which comes with the first look after the commit. */
async function until({ client, namespace }: World, phase: string): Promise<ChangeRequest> {
  let last: ChangeRequest['status'];
  return await eventually(
    `the change is ${phase}`,
    async () => {
      const change = await client.get<ChangeRequest>(RESOURCES.changeRequests, namespace, 'c');
      last = change.status;
      return last?.phase === phase && last.codeOwners !== undefined && change;
    },
    { timeoutMs: TIMEOUT_MS },
  ).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : ''}; last status ${JSON.stringify(last)}`);
  });
}

test(
  'P-21-1 what a change request commits and merges is signed with the key of the GitSync, and passes its own verification',
  async () => {
    await using folder = await temporaryFolder();
    const key = join(folder.path, 'key');
    await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'open', '-C', '', '-f', key]);
    const ada = sshSigner();
    const allowed = join(folder.path, 'allowed');
    await writeFile(allowed, `streamspace ${await readFile(`${key}.pub`, 'utf8')}ada ${ada.publicKey}\n`);
    await using world = await freshWorld(servers, {
      spec: {
        verify: { mode: 'EveryCommit', keysRef: { kind: 'Secret', name: 'signers' } },
        changes: {
          ...{ secretRef: { name: 'push' }, signingKeyRef: { name: 'signing' } },
          ...{
            branchPrefix: 'streamspace/change/',
            requireApprovals: 1,
            approvalRules: [{ paths: ['*.yaml'], kinds: ['Team'], approvals: 1 }],
            codeOwners: 'Require' as const,
            expireAfter: '720h',
          },
        },
      },
      clusterRules: [{ apiGroups: [API_GROUP], resources: ['templates'], verbs: ['*'] }],
    });
    const { repository } = world;
    const inBare = (...args: string[]): Promise<string> => must('git', ['-C', repository.bare, ...args]);
    await inBare('config', 'http.receivepack', 'true');
    const secret = (name: string, ...from: string[]) => world.kubectl(['create', 'secret', 'generic', name, ...from]);
    await secret('signers', `--from-file=allowed_signers=${allowed}`);
    await secret('push', '--from-literal=password=any');
    await secret('signing', `--from-file=ssh-privatekey=${key}`, '--from-literal=passphrase=open');
    await writeFile(join(repository.folder, 'own.yaml'), TEMPLATE);
    await writeFile(join(repository.folder, 'CODEOWNERS'), '*.yaml @second\n');
    await commitSigned(repository, ada);
    await pushAll(repository);
    await world.sync();

    await ask(world);
    const { status } = await until(world, 'Open');
    const owners = (approvedBy: readonly string[]) => [{ path: 'own.yaml', owners: ['@second'], approvedBy }];
    expect(status?.codeOwners).toEqual({ file: 'CODEOWNERS', required: true, files: owners([]), fileCount: owners([]).length });
    // Beside it, so that it takes a merge commit.
    await writeFile(join(repository.folder, 'README'), 'of ours');
    await commitSigned(repository, ada);
    await pushAll(repository);
    const review = { by: 'second', verdict: 'Approve', commit: status?.commit, at: '2027-03-01T09:00:00Z' };
    await as(world, 'second').mergePatch(RESOURCES.changeRequests, world.namespace, 'c', { spec: { reviews: [review] } });
    const applied = await until(world, 'Applied');
    expect(applied.status?.codeOwners?.files).toEqual(owners(['second']));
    const { commit = '', mergeCommit = '' } = applied.status ?? {};
    expect(mergeCommit).not.toBe(commit);
    const config = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${allowed}`];
    for (const each of [commit, mergeCommit])
      await expect(inBare(...config, 'verify-commit', each)).resolves.toEqual(expect.any(String));
    expect(await world.status()).toMatchObject({
      revision: mergeCommit,
      verified: { revision: mergeCommit, signer: 'streamspace' },
    });
    expect(await inBare('show', 'main:own.yaml')).toBe(TEMPLATE.replace('Own #', 'Ours #'));
  },
  3 * TIMEOUT_MS,
);
