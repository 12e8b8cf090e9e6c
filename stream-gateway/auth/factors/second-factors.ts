// Second factors of a person, for a sign-in that waits for one and for one who is signed in. Nobody who knows a password alone enrols a
// factor beside one that is there.
import type { Database } from '../../../runtime/db/database.ts';
import type { FactorProof, FactorQuestion, FactorResult } from '../../../schemas/api/factors.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { FactorMethod, SignInDecision } from '../../../schemas/kinds/sign-in/sign-in-rules.ts';
import {
  beginTotp,
  type Factors,
  factorsOf,
  findTotp,
  methodsOf,
  replaceRecoveryCodes,
  takeRecoveryCode,
  takeTotpStep,
} from '../../store/factors.ts';
import { noteProof } from '../../store/sign-ins.ts';
import { markProven, type WaitingSignIn } from '../../store/waiting-sign-ins.ts';
import type { Identity } from '../identity.ts';
import type { Seal } from '../seal.ts';
import type { SignInPolicies } from '../sign-in/sign-in-policies.ts';
import { type SignInSteps, waitingOf } from '../sign-in/waiting.ts';
import type { FactorAttempts } from './attempts.ts';
import type { Passkeys } from './passkeys.ts';
import { newRecoveryCodes, recoveryHash } from './recovery-codes.ts';
import { newTotpSecret, totpStep, totpUri } from './totp.ts';

export interface SecondFactorPorts {
  readonly db: Database;
  readonly passkeys: Passkeys;
  readonly policies: Pick<SignInPolicies, 'decide'>;
  readonly steps: Pick<SignInSteps, 'finish'>;
  readonly attempts: FactorAttempts;
  /** Left out: one-time codes are not offered, as their secrets could not be sealed. */
  readonly seal: Seal | undefined;
  readonly now: () => Date;
}

/** Who asks, from where. */
export interface Asker {
  readonly identity: Identity;
  readonly address: string;
}

/** What came of a proof or an enrolment. */
export interface Outcome extends FactorResult {
  readonly cookies: readonly string[];
  /** It finished a sign-in. */
  readonly signedIn: boolean;
}

const STAYS: Outcome = { returnTo: null, enrol: [], cookies: [], signedIn: false };

/** All that decides what somebody can do now. */
interface Standing {
  readonly factors: Factors;
  readonly enrolled: readonly FactorMethod[];
  readonly decision: SignInDecision;
  readonly offered: readonly FactorMethod[];
  readonly waiting: WaitingSignIn | undefined;
}

export class SecondFactors {
  readonly #ports: SecondFactorPorts;

  constructor(ports: SecondFactorPorts) {
    this.#ports = ports;
  }

  async standing({ identity, address }: Asker): Promise<Standing> {
    const { db, policies, passkeys, seal } = this.#ports;
    const factors = await factorsOf(db, identity.person.name);
    const decision = policies.decide(identity.person, address);
    const possible = { Passkey: passkeys.possible, Totp: seal !== undefined };
    return {
      ...{ factors, decision, enrolled: methodsOf(factors), waiting: await waitingOf(db, identity) },
      offered: decision.methods.filter((method) => possible[method]),
    };
  }

  async question(asker: Asker): Promise<FactorQuestion> {
    const standing = await this.standing(asker);
    const { factors, enrolled, waiting, offered } = standing;
    const enrolling = waiting !== undefined && mayEnrol(standing);
    const codes = enrolled.length > 0 && factors.recoveryCodes > 0 ? (['RecoveryCode'] as const) : [];
    const { identity } = asker;
    return {
      ...{ waiting: waiting !== undefined, person: identity.person.name, returnTo: waiting?.returnTo ?? null },
      methods: enrolling ? [] : [...enrolled, ...codes],
      enrol: enrolling ? [...offered] : [],
      csrfToken: identity.via === 'sign-in' ? identity.csrfToken : null,
    };
  }

  /** @throws SecondFactorInvalid @throws RateLimited @throws SecondFactorNotOffered where none is enrolled */
  async prove(asker: Asker, proof: FactorProof): Promise<Outcome> {
    const { waiting, enrolled, decision, offered } = await this.standing(asker);
    if (asker.identity.via !== 'sign-in') throw notOffered('an API key cannot give a second factor');
    if (enrolled.length === 0) throw notOffered('no second factor is enrolled');
    await this.#verify(asker, proof);
    const { db } = this.#ports;
    if (waiting === undefined) {
      await noteProof(db, asker.identity.credential);
      return STAYS;
    }
    if (decision.required && !enrolled.some((method) => decision.methods.includes(method))) {
      await markProven(db, waiting.id);
      return { ...STAYS, enrol: [...offered] };
    }
    return await this.#finish(waiting, asker.address);
  }

  /** @throws SecondFactorNotOffered @throws SecondFactorInvalid while a factor that is there was not given */
  async requireEnrol(asker: Asker, method: FactorMethod): Promise<void> {
    const standing = await this.standing(asker);
    if (!standing.offered.includes(method)) throw notOffered(`${method} is not offered here`);
    if (standing.waiting !== undefined && !mayEnrol(standing))
      throw new StreamSpaceError('SecondFactorInvalid', 'first give the second factor that is enrolled');
  }

  async beginTotp({ identity: { person } }: Asker): Promise<{ readonly secret: string; readonly uri: string }> {
    const { db, seal } = this.#ports;
    const secret = newTotpSecret();
    const sealed = seal?.close(secret, sealedFor(person.name));
    if (sealed === undefined) throw notOffered('Totp is not offered here');
    if (!(await beginTotp(db, person.name, sealed)))
      throw new StreamSpaceError('AlreadyExists', 'one-time codes are enrolled already; remove them first');
    return { secret, uri: totpUri(secret, { issuer: 'StreamSpace', label: person.name }) };
  }

  /** @throws SecondFactorInvalid */
  async confirmTotp(asker: Asker, code: string): Promise<Outcome> {
    if (!(await this.#totp(asker.identity.person.name, code, 'begun')))
      throw new StreamSpaceError('SecondFactorInvalid', 'the code is wrong');
    return await this.enrolled(asker);
  }

  /** A factor was enrolled, which is as good as giving it. */
  async enrolled({ identity, address }: Asker): Promise<Outcome> {
    const waiting = await waitingOf(this.#ports.db, identity);
    if (waiting !== undefined) return await this.#finish(waiting, address);
    await noteProof(this.#ports.db, identity.credential);
    return STAYS;
  }

  /** @returns them for the only time @throws SecondFactorNotOffered without a factor that they could stand for */
  async issueRecoveryCodes({ identity: { person } }: Asker): Promise<readonly string[]> {
    const { db } = this.#ports;
    if (methodsOf(await factorsOf(db, person.name)).length === 0) throw notOffered('enrol a passkey or one-time codes first');
    const codes = newRecoveryCodes();
    await db.transaction(async (tx) =>
      replaceRecoveryCodes(
        tx,
        person.name,
        codes.map((code) => recoveryHash(person.name, code)),
      ),
    );
    return codes;
  }

  async #verify({ identity, address }: Asker, proof: FactorProof): Promise<void> {
    const { db, passkeys, attempts } = this.#ports;
    if (proof.method === 'Passkey') return void (await passkeys.prove(identity, proof.response));
    const { name } = identity.person;
    const guesser = { person: name, address, credential: identity.credential };
    const isRight = await attempts.guess(guesser, proof.method, () =>
      proof.method === 'Totp'
        ? this.#totp(name, proof.code, 'confirmed')
        : takeRecoveryCode(db, name, recoveryHash(name, proof.code)),
    );
    if (!isRight) throw new StreamSpaceError('SecondFactorInvalid', 'the code is wrong, or was used before');
  }

  async #totp(person: string, code: string, state: 'confirmed' | 'begun'): Promise<boolean> {
    const { db, seal, now } = this.#ports;
    const sealed = await findTotp(db, person, state);
    const secret = sealed === undefined ? undefined : seal?.open(sealed, sealedFor(person));
    const step = secret === undefined ? undefined : totpStep(secret, code, now().getTime());
    return step !== undefined && (await takeTotpStep(db, person, step));
  }

  async #finish(waiting: WaitingSignIn, address: string): Promise<Outcome> {
    const next = await this.#ports.db.transaction((tx) => this.#ports.steps.finish(tx, waiting, address));
    if (next === undefined) throw new StreamSpaceError('SignInRequired', 'this sign-in has ended; begin it again');
    return { returnTo: next.location, enrol: [], cookies: next.cookies, signedIn: true };
  }
}

function mayEnrol({ enrolled, waiting }: Standing): boolean {
  return enrolled.length === 0 || waiting?.proven === true;
}

const sealedFor = (person: string): string => `totp of ${person}`;

function notOffered(message: string): StreamSpaceError {
  return new StreamSpaceError('SecondFactorNotOffered', message);
}
