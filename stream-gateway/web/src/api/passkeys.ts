// The ceremonies of WebAuthn in this browser.
import { startAuthentication, startRegistration, WebAuthnError } from '@simplewebauthn/browser';
import type { AuthenticationAnswer, RegistrationAnswer } from '../../../../schemas/api/factors.ts';
import { authenticationResponse, registrationResponse } from '../../../../schemas/api/factors.ts';
import type { CeremonyOptions } from './factors-api.ts';

export { browserSupportsWebAuthn as passkeysSupported } from '@simplewebauthn/browser';

/** The person closed the dialog of the browser, or let it time out. */
export function isCancelled(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NotAllowedError' || error.name === 'AbortError');
}

/** This authenticator has one for this person already. */
export function isKnown(error: unknown): boolean {
  return error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED';
}

/** Options are the gateway's, made by the other half of the same library. */
export async function createPasskey(options: CeremonyOptions): Promise<RegistrationAnswer> {
  const optionsJSON = options as unknown as Parameters<typeof startRegistration>[0]['optionsJSON'];
  return registrationResponse.parse(await startRegistration({ optionsJSON }));
}

export async function provePasskey(options: CeremonyOptions): Promise<AuthenticationAnswer> {
  const optionsJSON = options as unknown as Parameters<typeof startAuthentication>[0]['optionsJSON'];
  return authenticationResponse.parse(await startAuthentication({ optionsJSON }));
}
