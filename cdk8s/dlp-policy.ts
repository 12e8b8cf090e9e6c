// DlpPolicy as a construct.
import type { ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { dlpPolicyKind } from '../schemas/kinds/policies/dlp-policy.ts';
import type { DlpPolicyFields } from './fields.generated.ts';
import { KindObject } from './kind-object.ts';

export interface DlpPolicyProps extends DlpPolicyFields {
  /**
   * Name, namespace, labels and annotations. In the namespace `streamspace` it is for every team.
   * @default - named after the construct, in the namespace of the chart
   */
  readonly metadata?: ApiObjectMetadata | undefined;
}

/**
 * What may pass between people and their desktops. Where several apply to a session, the most restrictive wins, field by field.
 * @example new DlpPolicy(chart, 'baseline', { clipboard: { down: false, rules: [{ name: 'cards', detector: 'CardNumber', action: 'Redact' }] } });
 */
export class DlpPolicy extends KindObject {
  constructor(scope: Construct, id: string, props: DlpPolicyProps) {
    const { metadata = {}, ...fields } = props;
    super(scope, id, dlpPolicyKind, metadata, fields);
  }
}
