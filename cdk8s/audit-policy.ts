// AuditPolicy as a construct.
import type { ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { auditPolicyKind } from '../schemas/kinds/policies/audit-policy.ts';
import type { AuditPolicyFields } from './fields.generated.ts';
import { KindObject } from './kind-object.ts';

export interface AuditPolicyProps extends AuditPolicyFields {
  /**
   * Name, labels and annotations. It belongs to the whole cluster.
   * @default - named after the construct
   */
  readonly metadata?: Omit<ApiObjectMetadata, 'namespace'> | undefined;
}

/**
 * What the audit log keeps of which events, what is blacked out, how long it stays, and where it goes besides the database.
 * @example new AuditPolicy(chart, 'audit', {
 *   rules: [{ match: { types: ['clipboard.*'] }, level: 'Metadata' }],
 *   redact: [{ field: 'spec.env.*.value' }],
 *   retention: { days: 400 },
 * });
 * @example new AuditPolicy(chart, 'siem', { sinks: [{ name: 'siem', type: 'Syslog', syslog: { host: 'siem.example.com' } }] });
 */
export class AuditPolicy extends KindObject {
  constructor(scope: Construct, id: string, props: AuditPolicyProps) {
    const { metadata = {}, ...fields } = props;
    super(scope, id, auditPolicyKind, metadata, fields);
  }
}
