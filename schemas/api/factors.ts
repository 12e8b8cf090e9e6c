// Second factors as the API shows and takes them.
import * as z from 'zod';
import { FACTOR_METHODS, SECOND_FACTOR_MODES, STEP_UP_ACTIONS } from '../kinds/sign-in/sign-in-rules.ts';

const time = z.iso.datetime({ offset: true });
export const factorMethod = z.enum(FACTOR_METHODS);

/** With what a factor can be given; `SignIn`: there is none, so a new sign-in stands for it. */
export const stepUpMethod = z.enum([...FACTOR_METHODS, 'RecoveryCode', 'SignIn']);
export type StepUpMethod = z.infer<typeof stepUpMethod>;

/** What `StepUpRequired` asks for. No methods: this caller cannot give it, such as an API key. */
export const stepUpNeed = z.object({
  for: z.enum([...STEP_UP_ACTIONS, 'Factors']),
  methods: z.array(stepUpMethod),
  maxAgeSeconds: z.int(),
});
export type StepUpNeed = z.infer<typeof stepUpNeed>;

export const factorsView = z.object({
  secondFactor: z.enum(SECOND_FACTOR_MODES).describe('What the policies say.'),
  required: z.boolean().describe('Whether it is asked for at this address.'),
  offered: z.array(factorMethod).describe('What may be enrolled here.'),
  passkeys: z.array(z.object({ id: z.string(), name: z.string(), createdAt: time, lastUsedAt: time.nullable() })),
  totp: z.object({ createdAt: time, lastUsedAt: time.nullable() }).nullable(),
  recoveryCodes: z.int().describe('How many are left.'),
});
export type FactorsView = z.infer<typeof factorsView>;

/** What somebody can do now: give a factor, or enrol one. */
export const factorQuestion = z.object({
  waiting: z.boolean().describe('Whether it is asked to finish a sign-in.'),
  person: z.string(),
  methods: z.array(stepUpMethod.exclude(['SignIn'])),
  enrol: z.array(factorMethod).describe('What has to be enrolled, one of these. Empty: nothing.'),
  returnTo: z.string().nullable(),
  csrfToken: z.string().nullable(),
});
export type FactorQuestion = z.infer<typeof factorQuestion>;

/** Opaque to us; base64url. */
const base64url = z
  .string()
  .min(1)
  .max(16_384)
  .regex(/^[A-Za-z0-9_-]+$/);
/** WebAuthn level 3, 5.1: what browsers send, with nothing in it that is not used. */
const credential = {
  id: base64url.max(2_048),
  rawId: base64url.max(2_048),
  type: z.literal('public-key'),
  clientExtensionResults: z.object({}).default({}),
};
const transport = z.string().max(32);
export const registrationResponse = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z.array(transport).max(8).optional(),
  }),
});
export type RegistrationAnswer = z.infer<typeof registrationResponse>;
export const authenticationResponse = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.max(128).optional(),
  }),
});

export type AuthenticationAnswer = z.infer<typeof authenticationResponse>;

const code = z.string().trim().min(1).max(64);
export const factorProof = z.discriminatedUnion('method', [
  z.object({ method: z.literal('Passkey'), response: authenticationResponse }),
  z.object({ method: z.literal('Totp'), code }),
  z.object({ method: z.literal('RecoveryCode'), code }),
]);
export type FactorProof = z.infer<typeof factorProof>;

/** Where the page goes on; null: it stays where it is. `enrol`: another factor has to be enrolled first. */
export const factorResult = z.object({ returnTo: z.string().nullable(), enrol: z.array(factorMethod) });
export type FactorResult = z.infer<typeof factorResult>;

/** The options of a ceremony (WebAuthn level 3, 5.1.9 and 5.1.10), for `navigator.credentials` as they are. */
export const ceremonyOptions = z.record(z.string(), z.unknown());
export const passkeyCreate = z.object({ name: z.string().trim().min(1).max(80), response: registrationResponse });
export const totpBegun = z.object({ secret: z.string(), uri: z.string().describe('`otpauth://`, for a QR code.') });
export const totpConfirm = z.object({ code });
export const recoveryCodes = z.object({ codes: z.array(z.string()).describe('Shown for the only time.') });
export const factorsReset = z.object({ removed: z.int() });
