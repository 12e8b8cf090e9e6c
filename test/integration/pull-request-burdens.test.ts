// Pull requests that are much: of thousands of objects, and of people who mean harm. At a real Gitea, with the controller of the installation.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type GiteaWorld, giteaWorld } from '../support/gitea-world.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const COUNT = 2_000;
const TIMEOUT_MS = 120_000;
const maps = (to: string): string =>
  Array.from(
    { length: COUNT },
    (_, index) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: many-${index}}\ndata: {value: "${to}"}\n`,
  ).join('---\n');

let at: GiteaWorld;
beforeAll(async () => {
  // Orphan: the namespace takes the objects along, and nobody waits for it.
  at = await giteaWorld(servers, { 'many.yaml': maps('before') }, { spec: { deletionPolicy: 'Orphan' } });
}, 600_000);
afterAll(() => at[Symbol.asyncDispose](), 300_000);

test('S-103 2,000 changed objects are told over several comments, each of them once, and shrink to one again', async () => {
  await at.branch('many', { 'many.yaml': maps('after') });
  const number = await at.open('ann', 'many', 'Many');
  await at.told(number, /### Plan: 2000 to change/);
  const pages = await eventually(
    'all comments are there',
    async () => {
      const texts = await at.comments(number);
      const [, count = '0'] = /_1 of (\d+)_/.exec(texts[0] ?? '') ?? [];
      return texts.length === Number(count) && texts;
    },
    { timeoutMs: TIMEOUT_MS },
  );
  expect(pages.length).toBeGreaterThan(3);
  for (const [index, text] of pages.entries()) {
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain(`_${index + 1} of ${pages.length}_`);
  }
  const named = [...pages.join('\n').matchAll(/`ConfigMap\/[^/`]+\/many-(\d+)`/g)].map(([, index]) => Number(index));
  expect(named.toSorted((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, index) => index));
  expect(pages.join('\n').split('+ data.value: "after"')).toHaveLength(COUNT + 1);

  await at.commit('many', { 'many.yaml': maps('before').replace('before', 'after') });
  await at.told(number, /### Plan: 1 to change/);
  await eventually('one comment is left', async () => (await at.comments(number)).length === 1, { timeoutMs: TIMEOUT_MS });
  await at.close(number);
}, 600_000);

test('S-105 S-108 a fork whose app never ends is stopped and told, and neither others nor the sync wait for it', async () => {
  await at.fork('mallory');
  const app = `import { App } from 'cdk8s';\nnew App();\nfor (let i = 0; ; ) {\n  i += 1;\n}\n`;
  const evil = await at.branch('endless', { 'many.yaml': null, 'main.ts': app }, 'mallory');
  const endless = await at.open('mallory', 'mallory:endless', '</details> @ann `</td>`');
  await at.branch('small', { 'small.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: small}\n' });
  const small = await at.open('ann', 'small', 'Small');
  await at.told(small, /### Plan: 1 to create/);
  const pushed = await at.branch('main', { 'more.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n' });
  await at.world.until('the push is applied', ({ revision }) => revision === pushed, TIMEOUT_MS);
  const text = await at.told(endless, /### Plan: failed/);
  expect(text).toMatch(/RenderTimeout\n[\s\S]*rendering took longer than 15 s/);
  expect(text).not.toContain('@ann');
  await eventually('its status is red', async () => (await at.stateOf(evil)) === 'failure', { timeoutMs: TIMEOUT_MS });
  for (const number of [endless, small]) await at.close(number);
}, 600_000);
