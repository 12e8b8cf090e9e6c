// The one table of error codes. A code is PascalCase like a condition reason, because it is one: the same word stands
// in status, event, HTTP body, close frame, log and metric. Codes are added, never renamed (docs/reference/errors.md).

export const ERROR_CATEGORIES = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'notFound',
  'conflict',
  'limit',
  'unavailable',
] as const;
/** What kind of failure it is; HTTP status and WebSocket close code follow from it. */
export type ErrorCategory = (typeof ERROR_CATEGORIES)[number];

export const RETRY_CLASSES = ['never', 'backoff', 'after'] as const;
/** `never` waits for an event, `backoff` retries with jitter, `after` names the time. */
export type RetryClass = (typeof RETRY_CLASSES)[number];

export interface ErrorEntry {
  readonly category: ErrorCategory;
  readonly retry: RetryClass;
  /** What the reader can do, in one plain sentence. */
  readonly remedy: string;
}

export const ERRORS = {
  // Set-up and the local installation
  NotRoot: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Run it as root, or use a cluster of your own with --kubeconfig FILE.',
  },
  NotDebian: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Use Debian 12 or newer, or a cluster of your own with --kubeconfig FILE.',
  },
  ToolMissing: { category: 'notFound', retry: 'never', remedy: 'Install the named tool and run the command again.' },
  DiskFull: {
    category: 'limit',
    retry: 'never',
    remedy: 'Free the named amount of disk space, or set another folder with --state or STREAMSPACE_CACHE.',
  },
  DownloadFailed: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Check that the registry can be reached and run the command again; what was finished is kept.',
  },
  BuildFailed: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Read the named log; run the command again once its cause is gone.',
  },
  PortInUse: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Stop the program that listens there, or choose another port with --port.',
  },
  PartFailed: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Read the named log. The supervisor keeps restarting the part; `streamspace status` shows it.',
  },
  NotRunning: { category: 'unavailable', retry: 'never', remedy: 'Start it with `streamspace up`.' },
  AlreadyRunning: { category: 'conflict', retry: 'never', remedy: 'Use the running one, or stop it with `streamspace down`.' },
  FolderNotEmpty: { category: 'conflict', retry: 'never', remedy: 'Choose a folder that does not exist yet or is empty.' },
  SettingInvalid: { category: 'invalid', retry: 'never', remedy: 'Correct the named settings; all mistakes are listed.' },
  UsageInvalid: { category: 'invalid', retry: 'never', remedy: 'See `streamspace help` for the right form.' },
  ImageBuildFailed: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Read the named log; the image is built again at the next start.',
  },
  PlatformUnsupported: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Use Linux on a 64-bit x86 machine.',
  },
  CleanupIncomplete: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Remove the named traces by hand, or run `streamspace down --purge` again.',
  },
  NetworkPolicyNotEnforced: {
    category: 'unavailable',
    retry: 'never',
    remedy: 'Use a cluster whose network enforces NetworkPolicy, with --kubeconfig FILE.',
  },
  VolumeSizeNotEnforced: {
    category: 'unavailable',
    retry: 'never',
    remedy: 'Use a cluster whose storage class enforces sizes, with --kubeconfig FILE.',
  },
  ImagesNotImported: {
    category: 'notFound',
    retry: 'never',
    remedy: 'Push the images of images/ to a registry of the cluster, and name them in the templates.',
  },

  // Git
  GitUrlInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Give an http, https or ssh URL without a password in it, and the one that a redirect names.',
  },
  GitUnreachable: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Check that the Git server answers; the last good revision stays applied.',
  },
  GitAuthFailed: { category: 'unauthenticated', retry: 'backoff', remedy: 'Correct the Secret that spec.credentialsRef names.' },
  GitHostKeyRefused: {
    category: 'unauthenticated',
    retry: 'backoff',
    remedy: 'Put the line of the server, as ssh-keyscan prints it and its owner confirms it, into known_hosts of the Secret.',
  },
  GitTlsFailed: {
    category: 'unauthenticated',
    retry: 'backoff',
    remedy: 'Put the authority of the server into ca.crt of the Secret, and what it asks for into tls.crt and tls.key.',
  },
  GitProtocolInvalid: {
    category: 'invalid',
    retry: 'backoff',
    remedy: 'Check that spec.url is the URL to clone, not that of a page.',
  },
  GitFetchRunning: { category: 'unavailable', retry: 'after', remedy: 'Wait: the repository is large, and is being fetched.' },
  GitHistoryRewritten: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Push a commit that descends from the applied one, or set spec.historyRewrites to Follow until it is applied.',
  },
  GitTagMoved: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Move the tag back, follow another one, or set spec.movedTags to Follow until it is applied.',
  },
  GitRefInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Correct spec.ref: a name that Git allows, or a range such as ^1.2.',
  },
  GitRefNotFound: { category: 'notFound', retry: 'backoff', remedy: 'Create the branch or tag, or correct spec.ref.' },
  GitPathNotFound: { category: 'notFound', retry: 'backoff', remedy: 'Create the path in the repository, or correct spec.path.' },
  GitShaInvalid: { category: 'invalid', retry: 'never', remedy: 'Give a full commit id of 40 hexadecimal digits.' },
  GitObjectFormat: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Use a repository with SHA-1 object names; SHA-256 is not supported.',
  },
  GitSymlink: { category: 'invalid', retry: 'never', remedy: 'Replace the symbolic link by the file itself.' },
  GitSubmodule: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Move the files into the repository; submodules are not supported.',
  },
  GitLfsPointer: { category: 'invalid', retry: 'never', remedy: 'Store the file itself in Git; Git LFS is not supported.' },
  GitSnapshotTooLarge: { category: 'limit', retry: 'never', remedy: 'Sync a smaller path, or split the repository.' },
  GitReadIncomplete: { category: 'unavailable', retry: 'backoff', remedy: 'The clone is repaired by itself at the next try.' },

  // Signatures
  SignatureMissing: { category: 'forbidden', retry: 'never', remedy: 'Sign the named commit or tag, and push it again.' },
  SignatureInvalid: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Sign the named commit or tag with one SSH or PGP signature, and push it again.',
  },
  SignerUnknown: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Sign with a key that spec.verify.keysRef lists, or add the public key there.',
  },
  SignerExpired: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Sign with a key that is valid now, or extend its validity where spec.verify.keysRef lists it.',
  },
  SignerRevoked: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Find out what the revoked key was used for; sign the commit again with another key.',
  },
  SignatureKeysInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Correct the Secret or ConfigMap that spec.verify.keysRef names, at the named key and line.',
  },
  SignatureRangeTooLarge: {
    category: 'limit',
    retry: 'never',
    remedy: 'Push smaller steps, or set spec.verify.mode to Head until this revision is synced.',
  },

  // Render and validate
  RenderEmpty: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Add a manifest, or set spec.allowEmpty if no object is what you want.',
  },
  RenderFailed: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Run `streamspace render` on the folder; it shows the same error.',
  },
  RenderDenied: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'A configuration is rendered without network, files, environment or processes. Take the access out.',
  },
  RenderTimeout: { category: 'limit', retry: 'never', remedy: 'Look for a loop that does not end; rendering has a time limit.' },
  RenderMemory: { category: 'limit', retry: 'never', remedy: 'Make fewer or smaller objects; rendering has a memory limit.' },
  RenderOutputTooLarge: {
    category: 'limit',
    retry: 'never',
    remedy: 'Print less: only the manifests themselves; split a very large set.',
  },
  EntrypointNotFound: { category: 'notFound', retry: 'never', remedy: 'Add the entry file, or correct spec.entrypoint.' },
  YamlInvalid: { category: 'invalid', retry: 'never', remedy: 'Correct the file at the named line.' },
  FileEncodingInvalid: { category: 'invalid', retry: 'never', remedy: 'Save the file as UTF-8 without NUL bytes.' },
  FileTooLarge: { category: 'limit', retry: 'never', remedy: 'Split the file.' },
  ManifestInvalid: { category: 'invalid', retry: 'never', remedy: 'Correct the named field.' },
  ManifestDuplicate: { category: 'conflict', retry: 'never', remedy: 'Keep one of the two places.' },
  ManifestForbidden: { category: 'forbidden', retry: 'never', remedy: 'Move the object to a GitSync that may manage it.' },
  ManifestOrderInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Correct streamspace.io/wave or streamspace.io/depends-on of the named object.',
  },
  TenancyRefused: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Take the object out, or have the named rule widened by whoever owns it.',
  },
  KindUnknown: {
    category: 'notFound',
    retry: 'backoff',
    remedy: 'Install its CustomResourceDefinition, or add it to the same commit.',
  },

  // Plan, apply, observe, prune
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

  // Teams and sessions
  NamespaceTaken: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Give the team another namespace, or label the namespace for it.',
  },
  TeamNotReady: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Use the namespace of a Team; its sessions start by themselves once its network policies are in place.',
  },
  TemplateNotFound: {
    category: 'notFound',
    retry: 'backoff',
    remedy: 'Choose a template of the catalog; names are case-sensitive.',
  },
  ImageNotFound: {
    category: 'notFound',
    retry: 'backoff',
    remedy: 'Build or pull the image that the template names, or correct spec.image in the template.',
  },
  Unschedulable: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Stop another session, ask for less in the template, or add a node.',
  },
  VolumePending: { category: 'unavailable', retry: 'backoff', remedy: 'Check the storage class of the cluster.' },
  PodRejected: {
    category: 'forbidden',
    retry: 'backoff',
    remedy: 'Change the template so that Pod Security "restricted" admits it.',
  },
  DesktopCrashed: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Look at the log of the pod; the desktop is restarted by itself.',
  },
  DesktopUnreachable: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Wait a moment; check that the desktop listens on the port of its template.',
  },
  DesktopUnsupported: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Use a VNC server that speaks RFB 3.7 or 3.8 with security None or VncAuth.',
  },
  DesktopRefused: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Wait a moment; if it stays, hibernate and resume the session so that it reads its password again.',
  },
  SessionNotRunning: { category: 'conflict', retry: 'never', remedy: 'Resume the session first.' },
  SessionTerminated: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Start a new session; a terminated one does not come back.',
  },

  // Gateway
  SignInRequired: { category: 'unauthenticated', retry: 'never', remedy: 'Sign in, or send an API key.' },
  SignInFailed: { category: 'unauthenticated', retry: 'never', remedy: 'Start the sign-in again.' },
  IdentityProviderUnreachable: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Check that the identity provider answers at its issuer URL; whoever is signed in stays so.',
  },
  ApiKeyInvalid: { category: 'unauthenticated', retry: 'never', remedy: 'Make a new key under My account.' },
  Forbidden: { category: 'forbidden', retry: 'never', remedy: 'Ask an admin of the team for the named right.' },
  OriginForbidden: { category: 'forbidden', retry: 'never', remedy: 'Open the page at the address of the gateway itself.' },
  CsrfInvalid: { category: 'forbidden', retry: 'never', remedy: 'Reload the page.' },
  NotFound: { category: 'notFound', retry: 'never', remedy: 'Check the name and the namespace.' },
  AlreadyExists: { category: 'conflict', retry: 'never', remedy: 'Choose another name.' },
  ResourceVersionConflict: { category: 'conflict', retry: 'never', remedy: 'Read the object again and repeat the change.' },
  RequestInvalid: { category: 'invalid', retry: 'never', remedy: 'Correct the named fields.' },
  RequestInProgress: {
    category: 'conflict',
    retry: 'backoff',
    remedy: 'Wait a moment and repeat the request with the same Idempotency-Key.',
  },
  MediaTypeUnsupported: { category: 'invalid', retry: 'never', remedy: 'Choose application/json as the content type.' },
  RequestTooLarge: { category: 'limit', retry: 'never', remedy: 'Send less.' },
  HookUnauthorized: {
    category: 'unauthenticated',
    retry: 'never',
    remedy: 'Give the forge the secret that spec.webhookSecretRef names, and the URL with namespace and name of the GitSync.',
  },
  RateLimited: { category: 'limit', retry: 'after', remedy: 'Wait for the named time.' },
  TicketInvalid: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Ask for a new ticket; each opens one stream, within 30 seconds.',
  },
  GatewayUnreachable: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Check the network; the page tries again by itself.',
  },
  DatabaseUnavailable: { category: 'unavailable', retry: 'backoff', remedy: 'Running streams go on; try again in a moment.' },
  Internal: { category: 'unavailable', retry: 'backoff', remedy: 'Try again; if it stays, give the request id to an admin.' },
  ShuttingDown: { category: 'unavailable', retry: 'backoff', remedy: 'Connect again; another replica takes over.' },

  // Stream
  RfbMalformed: { category: 'invalid', retry: 'never', remedy: 'Open the session with a supported viewer.' },
  RfbUnknownMessage: { category: 'invalid', retry: 'never', remedy: 'Open the session with a supported viewer.' },
  RfbTooLarge: { category: 'limit', retry: 'never', remedy: 'Send less at a time.' },
  StreamLimitReached: {
    category: 'limit',
    retry: 'backoff',
    remedy: 'Close another window of this session, or ask the others who look on to leave.',
  },
  StreamTooSlow: { category: 'limit', retry: 'backoff', remedy: 'Check the network; the session itself goes on.' },
  StreamIdle: { category: 'limit', retry: 'backoff', remedy: 'Connect again; the other end did not answer.' },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** Where in a source a mistake is. Lines and columns count from 1; `document` counts the documents of a YAML file from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly document?: number;
}

export interface ErrorDetails {
  /** Values for logs and programs; never a secret, never what a user typed. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly position?: SourcePosition;
  /** For the retry class `after`. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** The only error that our code throws on purpose: a stable code, words that name the place, and what caused it. */
export class StreamSpaceError extends Error {
  override readonly name = 'StreamSpaceError';
  readonly code: ErrorCode;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly position: SourcePosition | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.facts = details.facts ?? {};
    this.position = details.position;
    this.retryAfterMs = details.retryAfterMs;
  }

  get entry(): ErrorEntry {
    return ERRORS[this.code];
  }
}

/** `templates/a.yaml:3`, or the file alone where the line is not known. */
export function formatPosition(position: SourcePosition): string {
  return position.line === undefined ? position.file : `${position.file}:${position.line}`;
}
