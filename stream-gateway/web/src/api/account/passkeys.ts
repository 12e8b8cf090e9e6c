// The ceremonies of WebAuthn in this browser. The library is loaded once somebody needs it.
import type { AuthenticationAnswer, RegistrationAnswer } from '../../../../../schemas/api/factors.ts';
import type { CeremonyOptions } from './factors-api.ts';

type Library = typeof import('@simplewebauthn/browser');
type OptionsOf<Ceremony extends 'startRegistration' | 'startAuthentication'> = Parameters<Library[Ceremony]>[0]['optionsJSON'];

export function passkeysSupported(): boolean {
  return typeof window.PublicKeyCredential === 'function';
}

/** The person closed the dialog of the browser, or let it time out. */
export function isCancelled(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NotAllowedError' || error.name === 'AbortError');
}

/** This authenticator has one for this person already. */
export function isKnown(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED';
}

/** Options are the gateway's, made by the other half of the same library. */
export async function createPasskey(options: CeremonyOptions): Promise<RegistrationAnswer> {
  const { startRegistration } = await import('@simplewebauthn/browser');
  const { id, rawId, response } = await startRegistration({ optionsJSON: options as unknown as OptionsOf<'startRegistration'> });
  const { clientDataJSON, attestationObject, transports = [] } = response;
  return { ...WHAT, id, rawId, response: { clientDataJSON, attestationObject, transports } };
}

export async function provePasskey(options: CeremonyOptions): Promise<AuthenticationAnswer> {
  const { startAuthentication } = await import('@simplewebauthn/browser');
  const answer = await startAuthentication({ optionsJSON: options as unknown as OptionsOf<'startAuthentication'> });
  const { clientDataJSON, authenticatorData, signature, userHandle } = answer.response;
  const response = { clientDataJSON, authenticatorData, signature, ...(userHandle === undefined ? {} : { userHandle }) };
  return { ...WHAT, id: answer.id, rawId: answer.rawId, response };
}

const WHAT = { type: 'public-key', clientExtensionResults: {} } as const;
