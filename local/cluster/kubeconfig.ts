// Kubeconfig files that hold everything in themselves, so that a copy of the file works from anywhere on this machine.

export interface KubeconfigCluster {
  readonly server: string;
  /** PEM. */
  readonly ca: string;
}

export type KubeconfigUser =
  | { readonly certificate: string; readonly key: string }
  /** Read again by the client whenever it changes. */
  | { readonly tokenFile: string };

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** JSON is YAML: every reader of a kubeconfig takes it. */
export function kubeconfigText(name: string, cluster: Readonly<Record<string, unknown>>, user: KubeconfigUser): string {
  const credentials =
    'tokenFile' in user
      ? { tokenFile: user.tokenFile }
      : { 'client-certificate-data': base64(user.certificate), 'client-key-data': base64(user.key) };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'streamspace', cluster }],
    users: [{ name, user: credentials }],
    contexts: [{ name: 'streamspace', context: { cluster: 'streamspace', user: name } }],
    'current-context': 'streamspace',
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

export function clusterEntry({ server, ca }: KubeconfigCluster): Readonly<Record<string, unknown>> {
  return { server, 'certificate-authority-data': base64(ca) };
}
