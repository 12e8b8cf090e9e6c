// The GitSync that makes the local repository the cluster's. Created once; from then on it is the user's, who may suspend or
// change it. Only its address is kept right, since a port may have to be chosen anew.
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import { API_GROUP_VERSION, SYSTEM_NAMESPACE } from '../../schemas/names.ts';

export const PLATFORM_SYNC = 'platform';
const CREDENTIALS = 'platform-git';
const CHANGE_CREDENTIALS = 'platform-git-changes';
const FIELD_MANAGER = 'streamspace-install';

export interface PlatformRepository {
  readonly url: string;
  readonly branch: string;
  readonly credentials: Account;
  /** Of an account that may push, for change requests. */
  readonly changeCredentials: Account;
}

interface Account {
  readonly username: string;
  readonly password: string;
}

interface FoundSync {
  readonly spec: { readonly url: string };
}

export async function ensurePlatformSync(client: KubeClient, repository: PlatformRepository, signal: AbortSignal): Promise<void> {
  await writeSecret(client, CREDENTIALS, repository.credentials, signal);
  await writeSecret(client, CHANGE_CREDENTIALS, repository.changeCredentials, signal);
  const found = await client.find<FoundSync>(RESOURCES.gitSyncs, SYSTEM_NAMESPACE, PLATFORM_SYNC, { signal });
  if (found === undefined) {
    const sync = {
      apiVersion: API_GROUP_VERSION,
      kind: 'GitSync',
      metadata: { name: PLATFORM_SYNC, namespace: SYSTEM_NAMESPACE },
      spec: {
        ...{ url: repository.url, ref: { branch: repository.branch }, credentialsRef: { name: CREDENTIALS }, interval: '30s' },
        changes: { secretRef: { name: CHANGE_CREDENTIALS } },
      },
    };
    await client.create(RESOURCES.gitSyncs, SYSTEM_NAMESPACE, JSON.stringify(sync), { fieldManager: FIELD_MANAGER, signal });
    return;
  }
  if (isOurOldAddress(found.spec.url, repository.url)) {
    await client.mergePatch(
      RESOURCES.gitSyncs,
      SYSTEM_NAMESPACE,
      PLATFORM_SYNC,
      { spec: { url: repository.url } },
      {
        fieldManager: FIELD_MANAGER,
        signal,
      },
    );
  }
}

async function writeSecret(client: KubeClient, name: string, stringData: Account, signal: AbortSignal): Promise<void> {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: SYSTEM_NAMESPACE }, stringData };
  await client.apply(RESOURCES.secrets, SYSTEM_NAMESPACE, name, JSON.stringify(secret), {
    fieldManager: FIELD_MANAGER,
    force: true,
    signal,
  });
}

/** The same repository on another port of this machine. A repository that somebody else chose is left alone. Pure. */
export function isOurOldAddress(found: string, wanted: string): boolean {
  const before = URL.parse(found);
  const now = URL.parse(wanted);
  if (before === null || now === null || found === wanted) return false;
  return before.hostname === now.hostname && before.pathname === now.pathname;
}
