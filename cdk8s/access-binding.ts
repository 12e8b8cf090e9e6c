// AccessBinding as a construct.
import type { ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { accessBindingKind } from '../schemas/kinds/access/access-binding.ts';
import type { AccessBindingFields } from './fields.generated.ts';
import { KindObject } from './kind-object.ts';

export interface AccessBindingProps extends AccessBindingFields {
  /**
   * Name, namespace, labels and annotations. In the namespace of a team for that team, in `streamspace` for any place.
   * @default - named after the construct, in the namespace of the chart
   */
  readonly metadata?: ApiObjectMetadata | undefined;
}

/**
 * Gives a role to people, from a time to a time.
 * @example new AccessBinding(chart, 'course', { subject: { user: 'guest' }, roleRef: 'viewer', scope: { team: 'web' }, expiresAt: '2027-03-05T18:00:00Z', reason: 'a course' });
 */
export class AccessBinding extends KindObject {
  constructor(scope: Construct, id: string, props: AccessBindingProps) {
    const { metadata = {}, ...fields } = props;
    super(scope, id, accessBindingKind, metadata, fields);
  }
}
