// Rules as a person reads them.
import { expect, test } from 'vitest';
import { ruleWords } from './rule-words.ts';

test('reading is one word and changing another, and a resource of several rules stands once', () => {
  expect(
    ruleWords([
      { resources: ['sessions'], verbs: ['get', 'list', 'watch', 'create', 'connect'] },
      { resources: ['quotas', 'templates'], verbs: ['get', 'list', 'watch'] },
      { resources: ['quotas'], verbs: ['update', 'patch', 'delete'] },
      { resources: ['recordings'], verbs: ['get', 'list'] },
    ]),
  ).toEqual([
    { resources: 'sessions', verbs: 'read, create, connect' },
    { resources: 'quotas', verbs: 'read, change, delete' },
    { resources: 'templates', verbs: 'read' },
    { resources: 'recordings', verbs: 'get, list' },
  ]);
});
