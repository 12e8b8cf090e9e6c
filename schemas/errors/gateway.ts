// Codes of: gateway.
import type { ErrorEntry } from './entry.ts';

export const GATEWAY_ERRORS = {
  SignInRequired: { category: 'unauthenticated', retry: 'never', remedy: 'Sign in, or send an API key.' },
  SignInFailed: { category: 'unauthenticated', retry: 'never', remedy: 'Start the sign-in again.' },
  SignInForbidden: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Ask an admin to name you in a Team, or choose another way to sign in.',
  },
  ProviderUnreached: { category: 'invalid', retry: 'never', remedy: 'Move the IdentityProvider into the namespace streamspace.' },
  ProviderSecretMissing: {
    category: 'notFound',
    retry: 'backoff',
    remedy: 'Make the Secret of the type streamspace.io/identity-provider in the namespace streamspace, with the named key.',
  },
  ProviderMetadataInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Paste the metadata of the identity provider as it gives it: one EntityDescriptor with an IDPSSODescriptor.',
  },
  ProviderCertificateInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy:
      'Write certificates in PEM, with RSA keys of 2048 bits or more; a signing key stands in its Secret with its certificate.',
  },
  ProviderCertificateExpired: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Add the new certificate of the identity provider to spec.saml; the old one may stay beside it.',
  },
  SamlResponseInvalid: {
    category: 'unauthenticated',
    retry: 'never',
    remedy: 'Start the sign-in again at StreamSpace; the reason is in the audit log, and the guide says what it means.',
  },
  SamlLogoutInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Check certificates and addresses on both sides; the reason is in the audit log.',
  },
  ReauthenticationMissing: {
    category: 'unauthenticated',
    retry: 'never',
    remedy:
      'Sign in with your password again; if it was not asked for, the identity provider has to honour prompt=login or ForceAuthn.',
  },
  IdentityProviderUnreachable: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Check that the identity provider answers at its issuer URL; whoever is signed in stays so.',
  },
  LogoutTokenInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Check that the client of the identity provider and its clock are those that this gateway expects.',
  },
  PersonLocked: {
    category: 'unauthenticated',
    retry: 'never',
    remedy: 'Ask a platform admin why; only one of them can unlock a person.',
  },
  MachineTokenInvalid: {
    category: 'unauthenticated',
    retry: 'never',
    remedy: 'Use a token of a machine of a team that was made for the audience streamspace and has not expired.',
  },
  ApiKeyInvalid: { category: 'unauthenticated', retry: 'never', remedy: 'Make a new key under My account.' },
  Forbidden: { category: 'forbidden', retry: 'never', remedy: 'Ask an admin of the team for the named right.' },
  OriginForbidden: { category: 'forbidden', retry: 'never', remedy: 'Open the page at the address of the gateway itself.' },
  CsrfInvalid: { category: 'forbidden', retry: 'never', remedy: 'Reload the page.' },
  NotFound: { category: 'notFound', retry: 'never', remedy: 'Check the name and the namespace.' },
  ApiKeyReplaced: { category: 'conflict', retry: 'never', remedy: 'Replace the key that took its place.' },
  AlreadyExists: { category: 'conflict', retry: 'never', remedy: 'Choose another name.' },
  ResourceVersionConflict: { category: 'conflict', retry: 'never', remedy: 'Read the object again and repeat the change.' },
  RequestInvalid: { category: 'invalid', retry: 'never', remedy: 'Correct the named fields.' },
  RequestInProgress: {
    category: 'conflict',
    retry: 'backoff',
    remedy: 'Wait a moment and repeat the request with the same Idempotency-Key.',
  },
  MethodNotAllowed: { category: 'invalid', retry: 'never', remedy: 'Choose one of the methods that the header Allow names.' },
  MediaTypeUnsupported: { category: 'invalid', retry: 'never', remedy: 'Choose application/json as the content type.' },
  RequestTooLarge: { category: 'limit', retry: 'never', remedy: 'Send less.' },
  HookUnauthorized: {
    category: 'unauthenticated',
    retry: 'never',
    remedy: 'Give the forge the secret that spec.webhookSecretRef names, and the URL with namespace and name of the GitSync.',
  },
  RateLimited: { category: 'limit', retry: 'after', remedy: 'Wait for the named time.' },
  TicketInvalid: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Ask for a new ticket; each opens one stream, within 30 seconds.',
  },
  GatewayUnreachable: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Check the network; the page tries again by itself.',
  },
  DatabaseUnavailable: { category: 'unavailable', retry: 'backoff', remedy: 'Running streams go on; try again in a moment.' },
  Internal: { category: 'unavailable', retry: 'backoff', remedy: 'Try again; if it stays, give the request id to an admin.' },
  ShuttingDown: { category: 'unavailable', retry: 'backoff', remedy: 'Connect again; another replica takes over.' },
} as const satisfies Record<string, ErrorEntry>;
