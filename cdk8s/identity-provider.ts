// IdentityProvider as a construct.
import type { ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { identityProviderKind } from '../schemas/kinds/sign-in/identity-provider.ts';
import type { IdentityProviderFields } from './fields.generated.ts';
import { KindObject } from './kind-object.ts';

export interface IdentityProviderProps extends IdentityProviderFields {
  /**
   * Name, namespace, labels and annotations. It counts in the namespace `streamspace` alone.
   * @default - named after the construct, in the namespace of the chart
   */
  readonly metadata?: ApiObjectMetadata | undefined;
}

/**
 * Where people sign in, beside the provider of the gateway's settings.
 * @example new IdentityProvider(chart, 'partners', { type: 'OIDC', displayName: 'Partners', oidc: { issuer, clientId, clientSecretRef } });
 * @example new IdentityProvider(chart, 'github', { type: 'GitHub', displayName: 'GitHub', github: { clientId, clientSecretRef, organizations: [{ name: 'acme' }] } });
 */
export class IdentityProvider extends KindObject {
  constructor(scope: Construct, id: string, props: IdentityProviderProps) {
    const { metadata = {}, ...fields } = props;
    super(scope, id, identityProviderKind, metadata, fields);
  }
}
