import { createHmac } from 'node:crypto';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startGitHubDouble } from './github-double.ts';
import { acme } from './octokit.ts';

const SECRET = 'it is a secret';

async function receiver() {
  const received: { readonly name: string; readonly id: unknown; readonly signed: boolean }[] = [];
  const server = http.createServer(async (request, response) => {
    const body = await text(request);
    const { action, ref } = JSON.parse(body);
    const signature = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
    received.push({
      name: `${request.headers['x-github-event']} ${action ?? ref}`,
      id: request.headers['x-github-delivery'],
      signed: request.headers['x-hub-signature-256'] === signature,
    });
    response.writeHead(202).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('what happens is told in order, signed, as GitHub describes it', async () => {
  await using hook = await receiver();
  await using double = await startGitHubDouble();
  const { repository, at, ada } = await acme(double);
  double.deliverTo(hook.url, SECRET);
  await repository.protect('main', { requiredApprovals: 1, dismissStale: true });
  await repository.push('change', { 'a.txt': 'a' });
  await ada.pulls.create({ ...at, head: 'change', base: 'main', title: 'Change' });
  await ada.pulls.update({ ...at, pull_number: 1, title: 'Better' });
  await repository.review(1, 'grace', 'approve');
  await repository.push('change', { 'b.txt': 'b' });
  await repository.comment(1, 'grace', '/hold');
  const [comment] = repository.comments(1);
  await ada.issues.updateComment({ ...at, comment_id: comment?.id ?? 0, body: '/go' });
  await ada.issues.deleteComment({ ...at, comment_id: comment?.id ?? 0 });
  await ada.pulls.update({ ...at, pull_number: 1, state: 'closed' });
  await ada.pulls.update({ ...at, pull_number: 1, state: 'open' });
  await repository.review(1, 'grace', 'approve');
  await repository.merge(1, 'grace');
  await repository.deleteBranch('change');
  await double.settled();
  expect(hook.received.map(({ name }) => name)).toEqual([
    'push refs/heads/change',
    'pull_request opened',
    'pull_request edited',
    'pull_request_review submitted',
    'push refs/heads/change',
    'pull_request synchronize',
    'pull_request_review dismissed',
    'issue_comment created',
    'issue_comment edited',
    'issue_comment deleted',
    'pull_request closed',
    'pull_request reopened',
    'pull_request_review submitted',
    'pull_request closed',
    'push refs/heads/main',
    'push refs/heads/change',
  ]);
  expect(hook.received.every(({ signed }) => signed)).toBe(true);
  expect(double.deliveries.map(({ statuses }) => statuses)).toEqual(hook.received.map(() => [202]));
  expect(double.violations).toEqual([]);
});

test('a delivery that is sent again keeps its id, and one that nobody takes is lost', async () => {
  await using double = await startGitHubDouble();
  const { repository } = await acme(double);
  await using hook = await receiver();
  double.deliverTo(hook.url, SECRET);
  await repository.push('change', { 'a.txt': 'a' });
  await double.settled();
  const [delivery] = double.deliveries;
  double.redeliver(delivery?.id ?? '');
  await double.settled();
  expect(hook.received.map(({ id }) => id)).toEqual([delivery?.id, delivery?.id]);
  await hook[Symbol.asyncDispose]();
  await repository.push('change', { 'a.txt': 'b' });
  await double.settled();
  expect(double.deliveries.at(-1)?.statuses).toEqual([undefined]);
});
