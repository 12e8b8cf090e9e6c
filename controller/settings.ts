// The settings of the controller; every mistake is in one error.
import { hostname } from 'node:os';
import { findProgram } from '../runtime/config/program.ts';
import { type ListenAddress, SettingsReader } from '../runtime/config/settings.ts';
import type { LogLevel } from '../runtime/log/log.ts';
import type { Retention } from './reconcile/telling/history-store.ts';

export interface ControllerSettings {
  /** A path, or `in-cluster` for the service account of the pod. */
  readonly kubeconfig: string;
  /** Clones of repositories. */
  readonly stateDir: string;
  /** Health, metrics and push hooks. */
  readonly listen: ListenAddress;
  /** Of this process among all controllers of the cluster. Default: the host's name, which is the pod's. */
  readonly identity: string;
  /** `kubectl` or `kustomize`, for Kustomize folders: absolute, or as found on PATH when it started. */
  readonly kustomize: string;
  /** Of the history of syncs; left out: none is kept. */
  readonly databaseUrl: string | undefined;
  /** As the gateway has it: requests are marked with it as ours, for the audit log of the API server; left out: they are not. */
  readonly kubernetesAuditToken: string | undefined;
  readonly retention: Retention;
  /** Into how many parts the GitSyncs are divided over all replicas; the same in each. */
  readonly shards: number;
  /** Of the pod that it runs in, which a probe of the network looks at; default: the host's name. */
  readonly podName: string;
  /** Between two probes of whether the network enforces NetworkPolicies; undefined: it is not probed. */
  readonly networkProbeMs: number | undefined;
  readonly logLevel: LogLevel;
}

/** @throws StreamSpaceError `SettingInvalid` */
export function readControllerSettings(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ControllerSettings {
  const reader = new SettingsReader(argv, env);
  const settings: ControllerSettings = {
    kubeconfig: reader.text('kubeconfig'),
    stateDir: reader.text('state-dir'),
    listen: reader.address('listen', { default: { host: '127.0.0.1', port: 8081 } }),
    identity: reader.text('identity', { default: hostname() }),
    kustomize: findProgram(reader.text('kustomize', { default: 'kubectl' }), env['PATH']),
    databaseUrl: reader.text('database-url', { default: '' }) || undefined,
    kubernetesAuditToken: reader.text('kubernetes-audit-token', { default: '' }) || undefined,
    retention: {
      maxAgeDays: reader.integer('history-max-age-days', { min: 1, max: 36_500, default: 90 }),
      maxRows: reader.integer('history-max-rows', { min: 1, max: 1_000_000, default: 1_000 }),
    },
    shards: reader.integer('shards', { default: 1, min: 1, max: 256 }),
    podName: reader.text('pod-name', { default: hostname() }),
    networkProbeMs: reader.integer('network-probe-hours', { default: 6, min: 0, max: 720 }) * 3_600_000 || undefined,
    logLevel: reader.logLevel(),
  };
  reader.finish();
  return settings;
}
