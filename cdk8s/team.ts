// Team as a construct.
import type { ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { teamKind } from '../schemas/kinds/team.ts';
import type { TeamFields } from './fields.generated.ts';
import { KindObject } from './kind-object.ts';

export interface TeamProps extends TeamFields {
  /**
   * Name, labels and annotations. A team belongs to the whole cluster and has no namespace of its own object.
   * @default - named after the construct
   */
  readonly metadata?: Omit<ApiObjectMetadata, 'namespace'> | undefined;
}

/**
 * People with roles, and the namespace that is theirs.
 * @example new Team(chart, 'web', { displayName: 'Web', members: [{ user: 'lead', role: 'admin' }] });
 */
export class Team extends KindObject {
  constructor(scope: Construct, id: string, props: TeamProps) {
    const { metadata = {}, ...fields } = props;
    super(scope, id, teamKind, metadata, fields);
  }
}
