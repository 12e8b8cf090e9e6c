// RecordingPolicy as a construct.
import type { ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { recordingPolicyKind } from '../schemas/kinds/policies/recording-policy.ts';
import type { RecordingPolicyFields } from './fields.generated.ts';
import { KindObject } from './kind-object.ts';

export interface RecordingPolicyProps extends RecordingPolicyFields {
  /**
   * Name, namespace, labels and annotations. In the namespace `streamspace` it is for every team.
   * @default - named after the construct, in the namespace of the chart
   */
  readonly metadata?: ApiObjectMetadata | undefined;
}

/**
 * Which desktops are recorded, how, for how long, and who may watch. Where several apply to a session, the most restrictive
 * wins, field by field.
 * @example new RecordingPolicy(chart, 'finance', { targets: { teams: ['finance'] }, record: 'Always', mode: 'Required', retentionDays: 90 });
 */
export class RecordingPolicy extends KindObject {
  constructor(scope: Construct, id: string, props: RecordingPolicyProps) {
    const { metadata = {}, ...fields } = props;
    super(scope, id, recordingPolicyKind, metadata, fields);
  }
}
