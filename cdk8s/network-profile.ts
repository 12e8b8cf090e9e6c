// NetworkProfile as a construct.
import type { ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { networkProfileKind } from '../schemas/kinds/policies/network-profile.ts';
import type { NetworkProfileFields } from './fields.generated.ts';
import { KindObject } from './kind-object.ts';

export interface NetworkProfileProps extends NetworkProfileFields {
  /**
   * Name, namespace, labels and annotations. In the namespace `streamspace` it can be named by every team.
   * @default - named after the construct, in the namespace of the chart
   */
  readonly metadata?: ApiObjectMetadata | undefined;
}

/**
 * Where desktops may connect to. A Team names the most that its desktops may ever have; a Template narrows it.
 * @example new NetworkProfile(chart, 'internet', { egress: { mode: 'Internet' }, dns: { mode: 'Cluster' } });
 */
export class NetworkProfile extends KindObject {
  constructor(scope: Construct, id: string, props: NetworkProfileProps) {
    const { metadata = {}, ...fields } = props;
    super(scope, id, networkProfileKind, metadata, fields);
  }
}
