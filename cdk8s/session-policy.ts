// SessionPolicy as a construct.
import type { ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { sessionPolicyKind } from '../schemas/kinds/policies/session-policy.ts';
import type { SessionPolicyFields } from './fields.generated.ts';
import { KindObject } from './kind-object.ts';

export interface SessionPolicyProps extends SessionPolicyFields {
  /**
   * Name, namespace, labels and annotations. In the namespace `streamspace` it is for every team.
   * @default - named after the construct, in the namespace of the chart
   */
  readonly metadata?: ApiObjectMetadata | undefined;
}

/**
 * With whom desktops may be shared, which displays they may have, and how long they live. Where several apply to a session, the most restrictive
 * wins, field by field.
 * @example new SessionPolicy(chart, 'sharing', { sharing: { allow: 'Team', maxTTL: Duration.hours(8) } });
 */
export class SessionPolicy extends KindObject {
  constructor(scope: Construct, id: string, props: SessionPolicyProps) {
    const { metadata = {}, ...fields } = props;
    super(scope, id, sessionPolicyKind, metadata, fields);
  }
}
