// Quota as a construct.
import type { ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { quotaKind } from '../schemas/kinds/quota.ts';
import type { QuotaFields } from './fields.generated.ts';
import { KindObject } from './kind-object.ts';

export interface QuotaProps extends QuotaFields {
  /**
   * Name, namespace, labels and annotations. In the namespace `streamspace` it is for every team.
   * @default - named after the construct, in the namespace of the chart
   */
  readonly metadata?: ApiObjectMetadata | undefined;
}

/**
 * How much may be in use at once. Where several apply to a session, it needs room in each.
 * @example
 * const limits = { sessionsRunning: 3, memory: Size.gibibytes(16), gpu: 1, cpuHoursPerMonth: 400 };
 * new Quota(chart, 'people', { scope: 'Person', limits, maxDuration: Duration.hours(12) });
 */
export class Quota extends KindObject {
  constructor(scope: Construct, id: string, props: QuotaProps) {
    const { metadata = {}, ...fields } = props;
    super(scope, id, quotaKind, metadata, fields);
  }
}
