// SignInPolicy as a construct.
import type { ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { signInPolicyKind } from '../schemas/kinds/sign-in/sign-in-policy.ts';
import type { SignInPolicyFields } from './fields.generated.ts';
import { KindObject } from './kind-object.ts';

export interface SignInPolicyProps extends SignInPolicyFields {
  /**
   * Name, namespace, labels and annotations. In the namespace `streamspace` it is for everybody.
   * @default - named after the construct, in the namespace of the chart
   */
  readonly metadata?: ApiObjectMetadata | undefined;
}

/**
 * Second factors, step-up, how long sign-ins last, and what API keys may be. Where several apply, the most restrictive wins.
 * @example new SignInPolicy(chart, 'factors', { secondFactor: 'Required', stepUp: { for: ['Exec', 'ViewRecording'] } });
 */
export class SignInPolicy extends KindObject {
  constructor(scope: Construct, id: string, props: SignInPolicyProps) {
    const { metadata = {}, ...fields } = props;
    super(scope, id, signInPolicyKind, metadata, fields);
  }
}
