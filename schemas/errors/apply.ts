// Codes of: plan, apply, observe, prune.
import type { ErrorEntry } from './entry.ts';

export const APPLY_ERRORS = {
  WindowInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Correct the schedule or the time zone in spec.windows.',
  },
  NamespaceNotFound: {
    category: 'notFound',
    retry: 'backoff',
    remedy: 'Add the Namespace (or the Team that makes it) to the same commit, or create it.',
  },
  ApplyForbidden: {
    category: 'forbidden',
    retry: 'backoff',
    remedy: 'Grant the named right to the service account of the GitSync.',
  },
  ApplyDenied: {
    category: 'forbidden',
    retry: 'backoff',
    remedy: 'Change the object so that the named admission policy admits it.',
  },
  ApplyInvalid: { category: 'invalid', retry: 'never', remedy: 'Correct the named field.' },
  ApplyConflict: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Take the field out of Git, or set spec.conflicts to Overwrite.',
  },
  FieldImmutable: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Annotate the object with streamspace.io/replace: "true" to have it replaced, or give it a new name.',
  },
  OwnedByAnother: { category: 'conflict', retry: 'never', remedy: 'Remove the object from one of the two GitSyncs.' },
  DeletionsBlocked: { category: 'limit', retry: 'never', remedy: 'Check the plan, then confirm it for exactly this revision.' },
  PlanOutdated: { category: 'conflict', retry: 'never', remedy: 'Look at the plan as it is now, then confirm its revision.' },
  ServiceAccountMissing: {
    category: 'notFound',
    retry: 'backoff',
    remedy: 'Create the service account that spec.serviceAccountName names.',
  },
  DependencyMissing: {
    category: 'notFound',
    retry: 'after',
    remedy: 'Create the GitSync that spec.dependsOn names, or take it out; it is looked for again every 30 seconds.',
  },
  DependencySelf: { category: 'invalid', retry: 'after', remedy: 'Take the GitSync itself out of its spec.dependsOn.' },
  DependencyCycle: {
    category: 'invalid',
    retry: 'after',
    remedy: 'Take one of the named GitSyncs out of the spec.dependsOn of the one before it.',
  },
  DependencyNotReady: {
    category: 'unavailable',
    retry: 'after',
    remedy: 'Look at what it depends on; it goes on by itself as soon as that is ready.',
  },
  HealthTimeout: { category: 'unavailable', retry: 'backoff', remedy: 'Look at the named objects and why they are not ready.' },
  HealthFailed: { category: 'unavailable', retry: 'backoff', remedy: 'Look at the named objects and why they failed.' },
  HealthRuleInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Correct the named expression of spec.health; until then the health of its kind is unknown.',
  },
  PruneIncomplete: {
    category: 'conflict',
    retry: 'backoff',
    remedy: 'Look at the named finalizers; the deletion is tried again.',
  },
  InventoryUnreadable: {
    category: 'conflict',
    retry: 'backoff',
    remedy: 'Restore the named ConfigMap from a backup, or delete it to start with an empty inventory, which prunes nothing.',
  },
  ClusterUnreachable: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Check that the API server answers; work goes on by itself once it does.',
  },
  ClusterBusy: { category: 'limit', retry: 'after', remedy: 'The API server asks for patience; it is tried again by itself.' },
  ClusterRequestFailed: { category: 'unavailable', retry: 'backoff', remedy: 'Read the message of the API server.' },
  ObjectTooLarge: { category: 'limit', retry: 'never', remedy: 'Split the object; the API server stores at most about 1.5 MB.' },
} as const satisfies Record<string, ErrorEntry>;
