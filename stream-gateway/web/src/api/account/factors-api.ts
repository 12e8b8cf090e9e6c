// Requests about second factors.
import type * as z from 'zod';
import type {
  ceremonyOptions,
  FactorProof,
  FactorQuestion,
  FactorResult,
  FactorsView,
  RegistrationAnswer,
  recoveryCodes,
  totpBegun,
} from '../../../../../schemas/api/factors.ts';

export type CeremonyOptions = z.infer<typeof ceremonyOptions>;
export type TotpBegun = z.infer<typeof totpBegun>;

export interface FactorsApi {
  /** With what the person can give a factor; of a sign-in that waits, its token for changes too. */
  factorQuestion(signal?: AbortSignal): Promise<FactorQuestion>;
  beginPasskeyProof(): Promise<CeremonyOptions>;
  giveFactor(proof: FactorProof): Promise<FactorResult>;
  factors(signal?: AbortSignal): Promise<FactorsView>;
  beginPasskey(): Promise<CeremonyOptions>;
  createPasskey(name: string, response: RegistrationAnswer): Promise<FactorResult>;
  removePasskey(id: string): Promise<void>;
  beginTotp(): Promise<TotpBegun>;
  confirmTotp(code: string): Promise<FactorResult>;
  removeTotp(): Promise<void>;
  issueRecoveryCodes(): Promise<readonly string[]>;
}

export interface FactorCalls {
  readonly get: <T>(path: string, signal?: AbortSignal) => Promise<T>;
  /** Undefined for an answer without a body. */
  readonly change: <T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown) => Promise<T>;
  readonly keepToken: (csrfToken: string | null) => void;
}

export function factorsApi({ get, change, keepToken }: FactorCalls): FactorsApi {
  const mine = '/api/v1/me/factors';
  return {
    async factorQuestion(signal) {
      const question = await get<FactorQuestion>('/api/v1/second-factor', signal);
      keepToken(question.csrfToken);
      return question;
    },
    beginPasskeyProof: () => change('POST', '/api/v1/second-factor/passkey-options'),
    giveFactor: (proof) => change('POST', '/api/v1/second-factor', proof),
    factors: (signal) => get(mine, signal),
    beginPasskey: () => change('POST', `${mine}/passkey-options`),
    createPasskey: (name, response) => change('POST', `${mine}/passkeys`, { name, response }),
    removePasskey: (id) => change('DELETE', `${mine}/passkeys/${encodeURIComponent(id)}`),
    beginTotp: () => change('POST', `${mine}/totp`),
    confirmTotp: (code) => change('PUT', `${mine}/totp`, { code }),
    removeTotp: () => change('DELETE', `${mine}/totp`),
    issueRecoveryCodes: async () => (await change<z.infer<typeof recoveryCodes>>('POST', `${mine}/recovery-codes`)).codes,
  };
}
