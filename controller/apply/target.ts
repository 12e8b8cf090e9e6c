// Whom the stages act for, and with which rights.
import type { KubeClient, ResourceMapper } from '../../runtime/kube/types.ts';
import type { GitSyncSpec } from '../../schemas/kinds/git-sync/git-sync.ts';
import type { ObjectId } from '../render/manifest.ts';
import type { JsonObject } from '../render/yaml/json.ts';
import type { SyncName } from './ownership.ts';
import type { VerifiedObjects } from './verified.ts';

export interface SyncTarget {
  readonly owner: SyncName;
  /** The service account of the GitSync: everything that comes from Git is planned and applied with its rights. */
  readonly tenant: KubeClient;
  /** The controller itself: inventory, owner marks, discovery. */
  readonly own: KubeClient;
  readonly mapper: ResourceMapper;
  readonly conflicts: GitSyncSpec['conflicts'];
  readonly verified: VerifiedObjects;
  /** Told of each object that was written, with what the API server made of it. */
  readonly onWritten?: (id: ObjectId, object: JsonObject) => void;
}
