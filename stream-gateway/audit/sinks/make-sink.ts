// A sink of an AuditPolicy made ready to deliver: its Secret read, its address judged.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { AuditSink } from '../../../schemas/kinds/policies/audit-policy.ts';
import { SYSTEM_NAMESPACE } from '../../../schemas/names.ts';
import { S3Storage } from '../../recording/storage/s3-storage.ts';
import { type HttpsOptions, httpsSink } from './https.ts';
import { objectsSink } from './objects.ts';
import { requireAllowedAddress } from './reach.ts';
import { type Deliver, eventJson } from './sink.ts';
import { syslogSink } from './syslog.ts';

export interface MakeSinkPorts {
  readonly client: Pick<KubeClient, 'find'>;
  readonly stdout: (text: string) => Promise<void>;
  /** For `source` of CloudEvents. */
  readonly publicUrl: string;
  readonly now: () => Date;
}

interface SecretJson {
  readonly data?: Readonly<Record<string, string>>;
}

/** @throws AuditSinkFailed where a Secret is missing or an address is not allowed */
export async function makeSink(sink: AuditSink, ports: MakeSinkPorts, signal: AbortSignal): Promise<Deliver> {
  const { type, syslog, https, s3 } = sink;
  if (type === 'Stdout') return async (events) => await ports.stdout(events.map((event) => `${eventJson(event)}\n`).join(''));
  if (type === 'Syslog' && syslog !== undefined)
    return syslogSink({ ...syslog, port: syslog.port ?? 6514, tls: syslog.tls ?? true });
  if (type === 'Https' && https !== undefined) {
    const { url, caBundle, format = 'CloudEvents' } = https;
    const { publicUrl: source, now } = ports;
    return httpsSink({ url, caBundle, format, authentication: await authenticationOf(https, ports, signal), source, now });
  }
  if (type === 'S3' && s3 !== undefined) {
    const { bucket, region, endpoint, prefix = 'audit' } = s3;
    if (endpoint !== undefined) requireAllowedAddress(new URL(endpoint).hostname);
    return objectsSink(new S3Storage({ bucket, region, ...(endpoint === undefined ? {} : { endpoint }) }), prefix);
  }
  throw new StreamSpaceError('AuditSinkFailed', `the sink has no block for its type ${type}`);
}

async function authenticationOf(
  { authentication = 'None', secretRef }: NonNullable<AuditSink['https']>,
  { client }: MakeSinkPorts,
  signal: AbortSignal,
): Promise<HttpsOptions['authentication']> {
  if (authentication === 'None' || secretRef === undefined) return { type: 'None' };
  const secret = await client.find<SecretJson>(RESOURCES.secrets, SYSTEM_NAMESPACE, secretRef.name, { signal });
  const value = secret?.data?.[secretRef.key];
  if (value === undefined)
    throw new StreamSpaceError(
      'AuditSinkFailed',
      `the Secret ${secretRef.name} in ${SYSTEM_NAMESPACE} is missing, or has no key ${secretRef.key}`,
    );
  return { type: authentication, secret: Buffer.from(value, 'base64').toString().trim() };
}
