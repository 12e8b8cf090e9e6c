// The health rules of a GitSync: CEL over the object, compiled once a sync, within limits of size and time. The expressions come
// from Git, so none may hold up the controller.
import { createContext, Script } from 'node:vm';
import { Environment, EvaluationError, type ParseResult } from '@marcbachmann/cel-js';
import type { HealthRule } from '../../schemas/kinds/health-rule.ts';
import { isJsonObject, type JsonObject, type JsonValue, textAt } from '../render/json.ts';
import { groupOf } from '../render/manifest.ts';
import { CURRENT, failed, type Health, progress } from './facts.ts';

const LIMITS = { maxAstNodes: 300, maxDepth: 32, maxListElements: 64, maxMapEntries: 64, maxCallArguments: 8 };
/** Far more than any honest expression takes; nested loops over long lists and hostile patterns end here. */
const MAX_MS = 1_000;
const MAX_MESSAGE = 500;

const environment = new Environment({
  unlistedVariablesAreDyn: false,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
  limits: LIMITS,
}).registerVariable('self', 'dyn');

type Name = 'healthy' | 'failed' | 'progressing' | 'message';
type Compiled = Partial<Readonly<Record<Name, ParseResult>>>;

interface KindRule {
  readonly compiled: Compiled;
  /** Why the rule cannot be used, once that is known. */
  broken?: string;
}

export class HealthExpressions {
  readonly #rules = new Map<string, KindRule>();

  constructor(rules: readonly HealthRule[]) {
    for (const [index, rule] of rules.entries()) {
      const key = rule.kind.includes('/') ? rule.kind : `/${rule.kind}`;
      if (!this.#rules.has(key)) this.#rules.set(key, compile(rule, `spec.health[${index}]`));
    }
  }

  /** What is wrong with rules themselves, as far as it can be told without an object. */
  get problems(): readonly string[] {
    return [...this.#rules.values()].flatMap(({ broken }) => broken ?? []);
  }

  /** Values of Secrets are nothing for an expression whose message is shown to everybody. */
  has(group: string, kind: string): boolean {
    return this.#rules.has(`${group}/${kind}`) && !(group === '' && kind === 'Secret');
  }

  /** `undefined` for a kind without a rule. A field that is not there yet means that it is on its way. */
  judge(object: JsonObject): Health | undefined {
    const group = groupOf(textAt(object, 'apiVersion') ?? '');
    const kind = textAt(object, 'kind') ?? '';
    const rule = this.#rules.get(`${group}/${kind}`);
    if (rule === undefined || !this.has(group, kind)) return undefined;
    if (rule.broken !== undefined) return { state: 'Unknown', message: rule.broken };
    try {
      return judgeBy(rule.compiled, celValue(object));
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      if (error.missing) return progress(error.message);
      // It would take as long, or be as wrong, for the next object.
      rule.broken = error.message;
      return { state: 'Unknown', message: error.message };
    }
  }
}

function compile(rule: HealthRule, place: string): KindRule {
  const compiled: Partial<Record<Name, ParseResult>> = {};
  for (const name of ['failed', 'progressing', 'healthy', 'message'] as const) {
    const text = rule[name];
    if (text === undefined) continue;
    const type = name === 'message' ? 'string' : 'bool';
    const { parsed, problem } = parse(text, type);
    if (parsed === undefined) return { compiled, broken: `${place}.${name} for ${rule.kind}: ${problem}` };
    compiled[name] = parsed;
  }
  return { compiled };
}

function parse(text: string, type: string): { readonly parsed?: ParseResult; readonly problem?: string } {
  try {
    const parsed = environment.parse(text);
    const checked = parsed.check();
    if (!checked.valid) return { problem: checked.error?.summary ?? 'it is no expression' };
    return checked.type === type || checked.type === 'dyn' ? { parsed } : { problem: `it gives ${checked.type}, not ${type}` };
  } catch (error) {
    return { problem: error instanceof Error && 'summary' in error ? String(error.summary) : String(error) };
  }
}

function judgeBy(rule: Compiled, self: unknown): Health {
  const is = (name: Exclude<Name, 'message'>): boolean => {
    const expression = rule[name];
    if (expression === undefined) return false;
    const value = evaluate(name, expression, self);
    if (typeof value !== 'boolean') throw new RuleError(`${name} gives no true or false`, false);
    return value;
  };
  const why = (otherwise: string): string => {
    if (rule.message === undefined) return otherwise;
    try {
      const value = evaluate('message', rule.message, self);
      return typeof value === 'string' && value !== '' ? value.slice(0, MAX_MESSAGE) : otherwise;
    } catch (error) {
      // A text alone does not decide what is healthy.
      return `${otherwise} (${error instanceof Error ? error.message : 'its message cannot be told'})`;
    }
  };
  if (is('failed')) return failed(why('spec.health says that it has failed'));
  if (is('progressing')) return progress(why('spec.health says that it is on its way'));
  return is('healthy') ? CURRENT : progress(why('spec.health says that it is not healthy yet'));
}

class RuleError extends Error {
  /** A field or item is not there, as it may not be yet. */
  readonly missing: boolean;

  constructor(message: string, missing: boolean) {
    super(message);
    this.missing = missing;
  }
}

/** Ends a call that takes too long, wherever it is: V8 ends it, which no check within the evaluator could do for a pattern. */
const sandbox: { run?: () => unknown } = createContext({});
const script = new Script('run()');

function evaluate(name: Name, expression: ParseResult, self: unknown): unknown {
  try {
    sandbox.run = () => expression({ self });
    return script.runInContext(sandbox, { timeout: MAX_MS });
  } catch (error) {
    if (error instanceof EvaluationError)
      throw new RuleError(`${name} of spec.health: ${error.summary}`, error.code === 'no_such_key');
    if (ranOut(error)) throw new RuleError(`${name} of spec.health takes longer than ${MAX_MS / 1000} s`, false);
    throw new RuleError(`${name} of spec.health: ${error instanceof Error ? error.message : String(error)}`, false);
  } finally {
    delete sandbox.run;
  }
}

/** By its code: the error is one of the sandbox, whose `Error` is another than ours. */
function ranOut(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}

/** Whole numbers are ints in CEL, as they are in a schema. */
function celValue(value: JsonValue): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(celValue);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, celValue(member)]));
}
