import { expect, test } from 'vitest';
import { clusterOf } from './service-tokens.ts';

const KUBECONFIG = `
apiVersion: v1
clusters:
- {name: one, cluster: {server: "https://one:6443"}}
- {name: two, cluster: {server: "https://two:6443", insecure-skip-tls-verify: true}}
contexts:
- {name: a, context: {cluster: one, user: x}}
- {name: b, context: {cluster: two, user: x}}
current-context: b
`;

test('the service accounts are of the cluster of the current context, as its entry stands', () => {
  expect(clusterOf(KUBECONFIG, 'f')).toEqual({ server: 'https://two:6443', 'insecure-skip-tls-verify': true });
});

test('a kubeconfig without a current context is refused by name', () => {
  expect(() => clusterOf(KUBECONFIG.replace('current-context: b', ''), '/etc/k.yaml')).toThrow(/\/etc\/k\.yaml.*current context/);
  expect(() => clusterOf('', '/etc/k.yaml')).toThrow(/current context/);
});
