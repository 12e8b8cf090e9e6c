// A part of the local installation: one supervised process. The supervisor knows nothing else about it.

export interface Part {
  /** Short and unique, such as `etcd`, `gateway`; also the name of its log file. */
  readonly name: string;
  /** Started only when these are ready. */
  readonly dependsOn: readonly string[];
  /** Before each start: folders, configuration, `initdb`. Does nothing when all is there. */
  readonly prepare?: (signal: AbortSignal) => Promise<void>;
  readonly command: readonly [program: string, ...args: string[]];
  /** The whole environment of the process; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Runs as this user and group where given. */
  readonly uid?: number;
  readonly gid?: number;
  /** One probe, in well under a second; rejecting counts as not ready. */
  readonly ready: (signal: AbortSignal) => Promise<boolean>;
  /** Default 60 s. After it the start counts as failed and is tried again with backoff. */
  readonly readyTimeoutMs?: number;
  /** Default SIGTERM. */
  readonly stopSignal?: 'SIGTERM' | 'SIGINT' | 'SIGQUIT';
  /** SIGKILL after this; default 10 s. */
  readonly stopTimeoutMs?: number;
  /** Before the stop signal: what must go first, such as pods before containerd. */
  readonly beforeStop?: (signal: AbortSignal) => Promise<void>;
}
