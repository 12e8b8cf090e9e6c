// Passkeys (WebAuthn level 3): discoverable, with user verification; each challenge is for one sign-in, once, for five minutes.
import { isIP } from 'node:net';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Queryable } from '../../../runtime/db/database.ts';
import type { AuthenticationAnswer, RegistrationAnswer } from '../../../schemas/api/factors.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import {
  type ChallengeUse,
  factorsOf,
  findPasskey,
  MAX_PASSKEYS,
  notePasskeyUse,
  saveChallenge,
  savePasskey,
  takeChallenge,
} from '../../store/factors.ts';
import type { Person } from '../../store/people.ts';
import { sha256 } from '../secrets.ts';

/** EdDSA, ES256, RS256 (IANA COSE Algorithms): what authenticators have. */
const ALGORITHMS = [-8, -7, -257];
/** Time to find the key, and for its PIN. */
const CHALLENGE_TTL_MS = 5 * 60_000;

export interface PasskeyPorts {
  readonly db: Queryable;
  /** Where browsers reach us, without a path. */
  readonly publicUrl: string;
}

/** For whom, by which sign-in: `Identity` has both. */
export interface Holder {
  readonly person: Person;
  readonly credential: string;
}

export class Passkeys {
  readonly #db: Queryable;
  readonly #origin: string;
  readonly #rpID: string;

  constructor({ db, publicUrl }: PasskeyPorts) {
    this.#db = db;
    this.#origin = publicUrl;
    this.#rpID = new URL(publicUrl).hostname;
  }

  /** A passkey belongs to a domain: at a bare address there are none (WebAuthn, 5.1.3). */
  get possible(): boolean {
    return isIP(this.#rpID.replace(/^\[|\]$/g, '')) === 0;
  }

  async enrolOptions({ person, credential }: Holder): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const { passkeys } = await factorsOf(this.#db, person.name);
    if (passkeys.length >= MAX_PASSKEYS)
      throw new StreamSpaceError('RateLimited', `${person.name} has ${MAX_PASSKEYS} passkeys; remove one first`);
    const options = await generateRegistrationOptions({
      ...{ rpName: 'StreamSpace', rpID: this.#rpID, timeout: CHALLENGE_TTL_MS },
      ...{ userName: person.name, userDisplayName: person.displayName },
      supportedAlgorithmIDs: ALGORITHMS,
      // The same for all of his, so that an authenticator keeps one a person; it says nothing of who that is.
      userID: new Uint8Array(sha256(`passkeys of ${person.name}`)),
      excludeCredentials: passkeys.map(({ id, transports }) => ({ id, transports: [...transports] })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    await this.#challenge(options.challenge, credential, 'enrol');
    return options;
  }

  /** @returns its id @throws SecondFactorInvalid */
  async enrol({ person, credential }: Holder, name: string, answer: RegistrationAnswer): Promise<string> {
    const { transports = [], ...attested } = answer.response;
    const response = { ...answer, response: { ...attested, transports } };
    const verified = await verifyRegistrationResponse({
      ...{ response, expectedOrigin: this.#origin, expectedRPID: this.#rpID, requireUserVerification: true },
      supportedAlgorithmIDs: ALGORITHMS,
      expectedChallenge: (challenge) => takeChallenge(this.#db, sha256(challenge), credential, 'enrol'),
    }).catch(refuse);
    if (!verified.verified) throw notConfirmed();
    const { id, publicKey, counter } = verified.registrationInfo.credential;
    if (!(await savePasskey(this.#db, person.name, { id, name, publicKey: Buffer.from(publicKey), counter, transports })))
      throw new StreamSpaceError('AlreadyExists', 'this passkey is enrolled already');
    return id;
  }

  async proveOptions({ person, credential }: Holder): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const { passkeys } = await factorsOf(this.#db, person.name);
    const options = await generateAuthenticationOptions({
      ...{ rpID: this.#rpID, timeout: CHALLENGE_TTL_MS, userVerification: 'required' },
      allowCredentials: passkeys.map(({ id, transports }) => ({ id, transports: [...transports] })),
    });
    await this.#challenge(options.challenge, credential, 'prove');
    return options;
  }

  /** @returns its name @throws SecondFactorInvalid */
  async prove({ person, credential }: Holder, answer: AuthenticationAnswer): Promise<string> {
    const passkey = await findPasskey(this.#db, person.name, answer.id);
    if (passkey === undefined) throw notConfirmed();
    const { id, publicKey, counter, name } = passkey;
    const { userHandle, ...asserted } = answer.response;
    const response = { ...answer, response: { ...asserted, ...(userHandle === undefined ? {} : { userHandle }) } };
    const verified = await verifyAuthenticationResponse({
      ...{ response, expectedOrigin: this.#origin, expectedRPID: this.#rpID, requireUserVerification: true },
      expectedChallenge: (challenge) => takeChallenge(this.#db, sha256(challenge), credential, 'prove'),
      credential: { id, publicKey: new Uint8Array(publicKey), counter },
    }).catch(refuse);
    if (!verified.verified || !(await notePasskeyUse(this.#db, id, verified.authenticationInfo.newCounter))) throw notConfirmed();
    return name;
  }

  #challenge(challenge: string, credential: string, use: ChallengeUse): Promise<void> {
    return saveChallenge(this.#db, sha256(challenge), credential, use, CHALLENGE_TTL_MS);
  }
}

function notConfirmed(cause?: unknown): StreamSpaceError {
  return new StreamSpaceError('SecondFactorInvalid', 'the passkey did not confirm it', { cause });
}

/** What the library says of an answer is for the log; the database being away is no wrong answer. */
function refuse(cause: unknown): never {
  throw cause instanceof StreamSpaceError ? cause : notConfirmed(cause);
}
