// What a change may reach, by the files and the objects of the repository as it would be.
import { expect, test } from 'vitest';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { Resource } from '../../../runtime/kube/types.ts';
import type { ChangeEdit } from '../../../schemas/kinds/changes/change-edit.ts';
import type { ChangeRequest } from '../../../schemas/kinds/changes/change-request.ts';
import { gitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync-spec.ts';
import { parseCommitSha } from '../../git/commit-sha.ts';
import { memoryTree } from '../../render/fixtures.ts';
import { KeptRenders } from '../../render/kept-renders.ts';
import { createUnitRenderer } from '../../render/render.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { createChangeChecks } from './check.ts';
import type { CheckRequest } from './ports.ts';

const signal = new AbortController().signal;
const encoder = new TextEncoder();
const quota = (name: string, gpu: number, namespace = 'team-web'): string =>
  `apiVersion: streamspace.io/v1alpha1\nkind: Quota\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec:\n  scope: Team\n  limits:\n    gpu: ${gpu}\n`;
const OWN = 'teams/web/quota.yaml';
const OTHERS = 'teams/ops/quota.yaml';
const FILES = {
  [OWN]: quota('own', 1),
  [OTHERS]: quota('others', 1, 'team-ops'),
  'teams/notes.txt': 'nothing',
  // The same object twice: this unit is broken.
  'broken/a.yaml': quota('twice', 1),
  'broken/b.yaml': quota('twice', 2),
};
const UNITS = {
  units: [
    { name: 'teams', path: 'teams' },
    { name: 'broken', path: 'broken' },
  ],
};

interface WorldOptions {
  readonly spec?: object;
  readonly tip?: Readonly<Record<string, string>>;
  /** The commit that is applied has these. */
  readonly applied?: Readonly<Record<string, string>>;
}

function world({ spec = UNITS, tip = FILES, applied }: WorldOptions = {}) {
  const kinds: readonly Resource[] = Object.values(RESOURCES);
  const never = async () => {
    throw new TypeError('Kustomize and cdk8s are not needed');
  };
  const checks = createChangeChecks({
    client: memoryCluster().client as never,
    mapper: { resourceOf: async (_apiVersion, kind) => kinds.find((each) => each.kind === kind) },
    renders: new KeptRenders({ render: createUnitRenderer({ cdk8s: never, kustomize: never }) }),
    git: { tree: () => memoryTree(applied ?? {}) } as never,
  });
  const asked = (namespace: string, wish: Partial<ChangeRequest['spec']>) =>
    ({
      target: {
        ...{ owner: { namespace: 'streamspace', name: 'platform' }, repository: {}, branch: 'main' },
        sync: { status: applied === undefined ? {} : { revision: 'b'.repeat(40) } },
        spec: gitSyncSpec.parse({ url: 'https://git.example.com/x.git', ref: { branch: 'main' }, ...spec }),
      },
      request: { metadata: { namespace, name: 'c', uid: 'u' }, spec: { edits: [], ...wish } },
      tip: parseCommitSha('a'.repeat(40)),
      before: memoryTree(tip),
    }) as unknown as Omit<CheckRequest, 'files'>;
  return {
    rollback: async (files: Readonly<Record<string, string | undefined>>, namespace = 'team-web') => {
      const bytes = Object.entries(files).map(([file, text]) => [file, text && encoder.encode(text)] as const);
      const request = { ...asked(namespace, { rollback: { last: 1 } }), files: new Map(bytes) as CheckRequest['files'] };
      return await checks.check(request, signal);
    },
    edit: async (edits: readonly ChangeEdit[], namespace = 'team-web') => {
      const request = asked(namespace, { edits: [...edits] });
      return await checks.check({ ...request, ...(await checks.edit(request, signal)) }, signal);
    },
  };
}

const outOfScope = (message: string) => ({ code: 'ChangeOutOfScope', message: expect.stringContaining(message) });

test('a file of which no object of the team comes is none of a rollback of the team, whether it is rendered or not', async () => {
  const given = world();
  for (const [file, text] of [
    ['teams/notes.txt', 'other'],
    ['.github/CODEOWNERS', '* @eve'],
    ['policies/dlp.yaml', quota('p', 1)],
    ['broken/a.yaml', quota('twice', 3)],
    [OWN, `# Only said otherwise\n${FILES[OWN]}`],
  ] as const) {
    await expect(given.rollback({ [file]: text })).rejects.toMatchObject(outOfScope(file));
    await expect(given.rollback({ [OWN]: quota('own', 2), [file]: text })).rejects.toMatchObject({ code: 'ChangeOutOfScope' });
  }
  await expect(given.rollback({ [OTHERS]: undefined })).rejects.toMatchObject(outOfScope('others'));
});

test('an edit of a team changes no file of a unit that is broken before and after', async () => {
  const object = { apiVersion: 'streamspace.io/v1alpha1', kind: 'Quota', namespace: 'team-web', name: 'twice' };
  const edits: readonly ChangeEdit[] = [
    { action: 'Patch', object, changes: [{ op: 'Set', path: 'spec.limits.gpu', value: '9' }] },
  ];
  await expect(world().edit(edits)).rejects.toMatchObject(outOfScope('broken/a.yaml'));
});

const BROKEN = { ...FILES, [OWN]: 'kind: [' };
const ONE_UNIT = { spec: { path: 'teams' } };

test('S-106 a commit that broke the repository is undone: what would be is held against what is applied', async () => {
  const given = world({ ...ONE_UNIT, tip: BROKEN, applied: FILES });
  expect(await given.rollback({ [OWN]: FILES[OWN] }, 'streamspace')).toMatchObject({ objects: [], objectCount: 0 });
  expect(await given.rollback({ [OWN]: quota('own', 1), [OTHERS]: undefined }, 'streamspace')).toMatchObject({
    objects: [{ kind: 'Quota', name: 'others', action: 'Delete' }],
  });
  // Who is not sure what it was cannot say that it is the team's.
  await expect(given.rollback({ [OWN]: FILES[OWN] })).rejects.toMatchObject(outOfScope(OWN));
  await expect(given.rollback({ [OWN]: 'kind: {' }, 'streamspace')).rejects.toMatchObject({ code: 'YamlInvalid' });
  const never = world({ ...ONE_UNIT, tip: BROKEN });
  await expect(never.rollback({ [OWN]: FILES[OWN] }, 'streamspace')).rejects.toMatchObject({ code: 'YamlInvalid' });
});

test('files with Secrets or masked fields in them are named, so that nobody is shown their lines', async () => {
  const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: key, namespace: team-web}\nstringData: {a: b}\n';
  const tip = { [OWN]: quota('own', 1), [OTHERS]: quota('others', 1), 'teams/secret.yaml': secret };
  const mask = [{ kind: 'Quota', name: 'own', fields: ['/spec/limits/gpu'] }];
  const given = world({ spec: { path: 'teams', mask, allowEmpty: true }, tip });
  const { hidden } = await given.rollback(
    { [OWN]: undefined, [OTHERS]: undefined, 'teams/secret.yaml': undefined },
    'streamspace',
  );
  expect([...(hidden ?? [])].sort()).toEqual(['teams/secret.yaml', OWN]);
});
