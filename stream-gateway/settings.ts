// The settings of the gateway: flags and STREAMSPACE_* variables, read once.
import { availableParallelism } from 'node:os';
import { type ListenAddress, SettingsReader } from '../runtime/config/settings.ts';
import type { LogLevel } from '../runtime/log/log.ts';
import { StreamSpaceError } from '../schemas/errors.ts';
import type { KubernetesAuditSettings } from './audit/kubernetes/start.ts';
import { parseSealKey, Seal } from './auth/seal.ts';
import type { OidcOptions } from './auth/sign-in/provider.ts';
import { type ClamdAddress, parseClamdAddress } from './files/clamd.ts';
import { type RecordingSettings, readRecordingSettings } from './recording/service/recording-settings.ts';
import type { SignInLimits } from './store/sign-ins.ts';

export interface GatewaySettings {
  readonly kubeconfig: string;
  readonly databaseUrl: string;
  readonly listen: ListenAddress;
  /** Where browsers reach the gateway, without a path. */
  readonly publicUrl: string;
  readonly provider: OidcOptions;
  readonly signIn: SignInLimits;
  /** Left out: groups are those of the last sign-in. */
  readonly seal: Seal | undefined;
  /** Of the break-glass account; undefined: there is none. */
  readonly breakGlassFile: string | undefined;
  /** How old the provider's word about a person may be. */
  readonly confirmMs: number;
  /** The built page. */
  readonly webDir: string;
  /** Audit events while the database is away, and files on their way. */
  readonly spoolDir: string;
  /** Of all files that are on their way between browsers and sessions, on the disk of the gateway. */
  readonly fileSpoolBytes: number;
  /** The virus scanner; undefined: what a policy wants scanned does not pass. */
  readonly clamd: ClamdAddress | undefined;
  readonly recordings: RecordingSettings;
  /** Whole months after the end of a month of the audit log before it is dropped; undefined: never. */
  readonly auditKeepMonths: number | undefined;
  readonly kubernetesAudit: KubernetesAuditSettings;
  readonly trustedProxies: readonly string[];
  /** How long a moderated session waits for a moderator to come back. */
  readonly moderatorGraceMs: number;
  /** That serve streams beside the front process; 0: it serves them itself. */
  readonly streamProcesses: number;
  readonly logLevel: LogLevel;
  /** What all this was read from; a stream process reads it again. */
  readonly given: { readonly argv: string[]; readonly env: Record<string, string> };
}

const MINUTE_MS = 60_000;
/** One for each processor: a stream that keeps one busy leaves the others theirs. More of them cost memory and win little. */
const DEFAULT_STREAM_PROCESSES = Math.min(4, availableParallelism());

/** @throws StreamSpaceError `SettingInvalid` that lists every mistake */
export function readGatewaySettings(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): GatewaySettings {
  const reader = new SettingsReader(argv, env);
  const minutes = (name: string, value: number): number =>
    reader.integer(name, { min: 1, max: 525_600, default: value }) * MINUTE_MS;
  const publicUrl = reader.url('public-url');
  const settings: GatewaySettings = {
    kubeconfig: reader.text('kubeconfig'),
    databaseUrl: reader.text('database-url'),
    listen: reader.address('listen', { default: { host: '127.0.0.1', port: 8080 } }),
    // A path below it would need every address of the page to know it.
    publicUrl: URL.parse(publicUrl)?.origin ?? publicUrl,
    provider: {
      issuer: reader.url('oidc-issuer'),
      clientId: reader.text('oidc-client-id'),
      clientSecret: given(reader.text('oidc-client-secret')),
      publicUrl: URL.parse(publicUrl)?.origin ?? publicUrl,
      nameClaim: reader.text('oidc-name-claim', { default: 'preferred_username' }),
      groupsClaim: reader.text('oidc-groups-claim', { default: 'groups' }),
    },
    signIn: { idleMs: minutes('sign-in-idle-minutes', 12 * 60), absoluteMs: minutes('sign-in-max-minutes', 24 * 60) },
    seal: sealOf(reader.parsed('seal-key', parseSealKey, '32 bytes in base64, such as: openssl rand -base64 32')),
    breakGlassFile: reader.parsed('break-glass-file', (path) => path, 'a path'),
    confirmMs: reader.integer('confirm-people-seconds', { min: 10, max: 86_400, default: 300 }) * 1000,
    webDir: reader.text('web-dir'),
    spoolDir: reader.text('spool-dir'),
    fileSpoolBytes: reader.integer('file-spool-mib', { min: 1, max: 1_048_576, default: 8_192 }) * 1024 * 1024,
    clamd: reader.parsed('clamd', parseClamdAddress, 'unix:/run/clamav/clamd.ctl or host:port'),
    recordings: readRecordingSettings(reader),
    auditKeepMonths: reader.parsed('audit-keep-months', wholeMonths, 'a whole number of months from 1 to 1200'),
    kubernetesAudit: {
      token: reader.parsed('kubernetes-audit-token', secretText, 'at least 32 characters, such as: openssl rand -hex 32'),
      log: reader.parsed('kubernetes-audit-log', (path) => path, 'a path'),
    },
    trustedProxies: reader
      .text('trusted-proxies', { default: '' })
      .split(',')
      .map((address) => address.trim())
      .filter((address) => address !== ''),
    moderatorGraceMs: reader.integer('moderator-grace-seconds', { min: 5, max: 3_600, default: 30 }) * 1000,
    streamProcesses: reader.integer('stream-processes', { min: 0, max: 64, default: DEFAULT_STREAM_PROCESSES }),
    logLevel: reader.logLevel(),
    given: { argv: [...argv], env: ours(env) },
  };
  reader.finish();
  if (settings.kubernetesAudit.log !== undefined && settings.kubernetesAudit.token === undefined)
    throw new StreamSpaceError(
      'SettingInvalid',
      '--kubernetes-audit-log needs --kubernetes-audit-token: without it our own requests in that file cannot be told from others',
    );
  return settings;
}

/** Visible characters, as a header takes them. */
function secretText(text: string): string | undefined {
  return /^[!-~]{32,512}$/.test(text) ? text : undefined;
}

function given(secret: string): () => Promise<string> {
  return async () => secret;
}

function sealOf(key: Buffer | undefined): Seal | undefined {
  return key === undefined ? undefined : new Seal(key);
}

function wholeMonths(text: string): number | undefined {
  return /^[1-9]\d{0,3}$/.test(text) && Number(text) <= 1_200 ? Number(text) : undefined;
}

function ours(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const found = Object.entries(env).filter(([name]) => name.startsWith('STREAMSPACE_'));
  return Object.fromEntries(found.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
