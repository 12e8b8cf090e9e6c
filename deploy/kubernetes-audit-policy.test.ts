import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { KUBERNETES_AUDIT_POLICY } from './kubernetes-audit-policy.ts';

test('the audit policy for an API server is the one that the local cluster is tested with', async () => {
  const text = await readFile(new URL('./kubernetes-audit-policy.yaml', import.meta.url), 'utf8');
  expect(parse(text)).toEqual(KUBERNETES_AUDIT_POLICY);
});
