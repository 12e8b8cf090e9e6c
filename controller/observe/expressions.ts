// The health rules of a GitSync: CEL over the object, compiled once a sync, within limits of size and time. The expressions come
// from Git, so none may hold up the controller.
import type { HealthRule } from '../../schemas/kinds/git-sync/health-rule.ts';
import { BoundedCel, type CelExpression, CelFailure, celValue } from '../cel/bounded-cel.ts';
import { groupOf } from '../render/manifest.ts';
import { type JsonObject, textAt } from '../render/yaml/json.ts';
import { CURRENT, failed, type Health, progress } from './facts.ts';

const MAX_MS = 1_000;
const MAX_MESSAGE = 500;

const expressions = new BoundedCel(['self'], MAX_MS);

type Name = 'healthy' | 'failed' | 'progressing' | 'message';
type Compiled = Partial<Readonly<Record<Name, CelExpression>>>;

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
  const compiled: Partial<Record<Name, CelExpression>> = {};
  for (const name of ['failed', 'progressing', 'healthy', 'message'] as const) {
    const text = rule[name];
    if (text === undefined) continue;
    const type = name === 'message' ? 'string' : 'bool';
    const { parsed, problem } = expressions.parse(text, type);
    if (parsed === undefined) return { compiled, broken: `${place}.${name} for ${rule.kind}: ${problem}` };
    compiled[name] = parsed;
  }
  return { compiled };
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

function evaluate(name: Name, expression: CelExpression, self: unknown): unknown {
  try {
    return expressions.evaluate(expression, { self });
  } catch (error) {
    if (!(error instanceof CelFailure)) throw error;
    const separator = error.reason === 'slow' ? ' ' : ': ';
    throw new RuleError(`${name} of spec.health${separator}${error.message}`, error.reason === 'missing');
  }
}
