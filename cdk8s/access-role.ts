// AccessRole as a construct.
import type { ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { accessRoleKind } from '../schemas/kinds/access/access-role.ts';
import type { AccessRoleFields } from './fields.generated.ts';
import { KindObject } from './kind-object.ts';

export interface AccessRoleProps extends AccessRoleFields {
  /**
   * Name, labels and annotations. A role belongs to the whole cluster.
   * @default - named after the construct
   */
  readonly metadata?: Omit<ApiObjectMetadata, 'namespace'> | undefined;
}

/**
 * Rights by name: its own, and those of the roles that it inherits.
 * @example new AccessRole(chart, 'trainer', { inherits: ['viewer'], rules: [{ resources: ['sessions'], verbs: ['control'] }], assignableAt: ['Team'] });
 */
export class AccessRole extends KindObject {
  constructor(scope: Construct, id: string, props: AccessRoleProps) {
    const { metadata = {}, ...fields } = props;
    super(scope, id, accessRoleKind, metadata, fields);
  }
}
