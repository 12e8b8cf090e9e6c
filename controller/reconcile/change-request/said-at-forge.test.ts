import { expect, test } from 'vitest';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { ChangeRequest } from '../../../schemas/kinds/changes/change-request.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { messageOf } from './commit.ts';
import { targetOf } from './target.ts';

test('the reason of whoever asks mentions nobody at the forge and closes no issue', async () => {
  const cluster = memoryCluster();
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  cluster.put(RESOURCES.secrets, {
    metadata: { name: 'push', namespace: 'streamspace' },
    data: { username: encoded('bot'), password: encoded('p') },
  });
  cluster.put(RESOURCES.gitSyncs, {
    metadata: { name: 'platform', namespace: 'streamspace', uid: 's', generation: 1 },
    spec: {
      ...{ url: 'https://github.com/example/platform', ref: { branch: 'main' }, credentialsRef: { name: 'push' } },
      changes: { secretRef: { name: 'push' }, forge: { type: 'GitHub' } },
    },
  });
  const request = {
    metadata: { name: 'c', namespace: 'streamspace', uid: 'u' },
    spec: {
      target: { name: 'platform', namespace: 'streamspace' },
      reason: 'Fixes #5 for @org/team\n```\ncloses https://github.com/example/platform/issues/6',
      requestedBy: { name: 'mina' },
    },
  } as unknown as ChangeRequest;
  const { forge } = await targetOf(cluster.client, request, new AbortController().signal);
  expect(forge.title).toBe('Fixes #\u200b5 for @\u200borg/team');
  expect(forge.body).toBe(`\`\`\`\`text\n${request.spec.reason}\n\`\`\`\`\n\nStreamSpace-Change: streamspace/c`);
  expect(messageOf(request)).not.toMatch(/#\d|@\w|:\/\//);
  expect(messageOf(request)).toMatch(/\n\nStreamSpace-Change: streamspace\/c\nStreamSpace-Requested-By: mina\n$/);
});
