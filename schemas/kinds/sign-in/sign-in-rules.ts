// What a SignInPolicy says, and what several of them come to: the most restrictive wins. Pure; the gateway asks it at each sign-in.
import * as z from 'zod';
import { contains, parseAddress, parseCidr, unmapped } from '../cidr.ts';
import { ATOMIC, cel } from '../kind.ts';

const NOT_A_CIDR = 'write a block such as 203.0.113.0/24 or 2001:db8::/32, with no bits set after the prefix';
const NO_SESSION_ORDER = 'idleSeconds is not above maxSeconds';

/** From the least to the most restrictive. */
export const SECOND_FACTOR_MODES = ['Off', 'Optional', 'Required'] as const;
export type SecondFactorMode = (typeof SECOND_FACTOR_MODES)[number];
export const FACTOR_METHODS = ['Passkey', 'Totp'] as const;
export type FactorMethod = (typeof FACTOR_METHODS)[number];
/** What may be asked for again. `Restore` is for the routes of backups. */
export const STEP_UP_ACTIONS = ['Exec', 'ViewRecording', 'Restore', 'Approve'] as const;
export type StepUpAction = (typeof STEP_UP_ACTIONS)[number];

export const DEFAULT_STEP_UP_SECONDS = 900;

const seconds = z.int().min(60).max(31_536_000);

export const signInRules = z.object({
  secondFactor: z
    .enum(SECOND_FACTOR_MODES)
    .optional()
    .describe(
      '`Required`: nobody signs in without one, and who has none enrols it at his next sign-in. `Optional`: asked of those who have enrolled one. `Off`: neither offered nor asked for. Left out: this policy does not say; where none does, `Optional`.',
    ),
  methods: z
    .array(z.enum(FACTOR_METHODS))
    .min(1)
    .max(FACTOR_METHODS.length)
    .optional()
    .describe('Which may be enrolled and count. Left out: all. Where policies have none in common, `Passkey` is left.'),
  trustedNetworks: z
    .array(
      z
        .string()
        .min(4)
        .max(49)
        .refine((text) => parseCidr(text) !== undefined, NOT_A_CIDR)
        .meta(cel({ rule: 'isCIDR(self) && cidr(self) == cidr(self).masked()', message: NOT_A_CIDR })),
    )
    .max(64)
    .optional()
    .describe('Blocks of addresses from which the `Required` of this policy is not asked for.'),
  stepUp: z
    .object({
      for: z.array(z.enum(STEP_UP_ACTIONS)).min(1).max(STEP_UP_ACTIONS.length).describe('What the factor is asked again for.'),
      maxAgeSeconds: seconds.default(DEFAULT_STEP_UP_SECONDS).describe('How long ago it may have been given.'),
    })
    .meta(ATOMIC)
    .optional()
    .describe('A second factor that is asked again before what counts most. API keys never pass it.'),
  session: z
    .object({
      maxSeconds: seconds.optional().describe('A sign-in ends after this. Left out, or longer: as the gateway is set.'),
      idleSeconds: seconds
        .optional()
        .describe('It ends after this without a request. Left out, or longer: as the gateway is set.'),
    })
    .refine(({ maxSeconds, idleSeconds }) => (idleSeconds ?? 0) <= (maxSeconds ?? Number.POSITIVE_INFINITY), NO_SESSION_ORDER)
    .meta({
      ...ATOMIC,
      ...cel({
        rule: '!has(self.maxSeconds) || !has(self.idleSeconds) || self.idleSeconds <= self.maxSeconds',
        message: NO_SESSION_ORDER,
      }),
    })
    .optional()
    .describe('How long a sign-in lasts, for those that begin from now on.'),
  apiKeys: z
    .object({
      maxDays: z.int().min(1).max(365).optional().describe('How long a new API key may last. Left out: 365.'),
      requireExpiry: z
        .boolean()
        .default(false)
        .describe('Whether who makes a key has to say when it ends. Otherwise 90 days are taken, or `maxDays` if that is less.'),
    })
    .meta(ATOMIC)
    .optional()
    .describe('What API keys may be, judged when one is made.'),
});
export type SignInRules = z.infer<typeof signInRules>;

/** What all rules that hold for somebody come to, at one address. */
export interface SignInDecision {
  readonly secondFactor: SecondFactorMode;
  /** `Required`, and the address is trusted by not all that say so. */
  readonly required: boolean;
  /** Required somewhere, and trusted by all that say so: it is not asked for here. */
  readonly trusted: boolean;
  /** Empty where it is `Off`. */
  readonly methods: readonly FactorMethod[];
  readonly maxSeconds: number | undefined;
  readonly idleSeconds: number | undefined;
  readonly keyMaxDays: number | undefined;
  readonly keyRequireExpiry: boolean;
}

export function decideSignIn(rules: readonly SignInRules[], address: string): SignInDecision {
  const said = rules.flatMap(({ secondFactor }) => secondFactor ?? []);
  const secondFactor =
    said.length === 0 ? 'Optional' : (SECOND_FACTOR_MODES.findLast((mode) => said.includes(mode)) ?? 'Optional');
  const requiring = rules.filter((each) => each.secondFactor === 'Required');
  const required = requiring.some((each) => !trusts(each, address));
  return {
    secondFactor,
    required,
    trusted: requiring.length > 0 && !required,
    methods: secondFactor === 'Off' ? [] : methodsOf(rules),
    maxSeconds: least(rules.map(({ session }) => session?.maxSeconds)),
    idleSeconds: least(rules.map(({ session }) => session?.idleSeconds)),
    keyMaxDays: least(rules.map(({ apiKeys }) => apiKeys?.maxDays)),
    keyRequireExpiry: rules.some(({ apiKeys }) => apiKeys?.requireExpiry === true),
  };
}

/** @returns how old the proof may be, in seconds; undefined: nothing is asked for */
export function stepUpSeconds(rules: readonly SignInRules[], action: StepUpAction): number | undefined {
  return least(
    rules.map(({ stepUp }) =>
      stepUp?.for.includes(action) === true ? (stepUp.maxAgeSeconds ?? DEFAULT_STEP_UP_SECONDS) : undefined,
    ),
  );
}

function methodsOf(rules: readonly SignInRules[]): readonly FactorMethod[] {
  const lists = rules.flatMap(({ methods }) => (methods === undefined ? [] : [methods]));
  const common = FACTOR_METHODS.filter((method) => lists.every((list) => list.includes(method)));
  return common.length > 0 ? common : ['Passkey'];
}

/** What is no address is in no network. */
function trusts({ trustedNetworks = [] }: SignInRules, text: string): boolean {
  const parsed = parseAddress(text);
  if (parsed === undefined) return false;
  const address = unmapped(parsed);
  return trustedNetworks.some((network) => {
    const block = parseCidr(network);
    return block !== undefined && contains(block, address);
  });
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const given = values.filter((value) => value !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}
