// CEL from people: expressions that are compiled and run within limits of size and time, so that none may hold up the
// controller.
import { createContext, Script } from 'node:vm';
import { Environment, EvaluationError, type ParseResult } from '@marcbachmann/cel-js';
import { isJsonObject, type JsonValue } from '../render/yaml/json.ts';

/** Bounds how long a machine that does not get on may hold up one evaluation. */
const MAX_TURNS = 10;

const LIMITS = { maxAstNodes: 300, maxDepth: 32, maxListElements: 64, maxMapEntries: 64, maxCallArguments: 8 };

export type CelExpression = ParseResult;

export interface CelParsed {
  readonly parsed?: CelExpression;
  /** Why it is no expression of this type. */
  readonly problem?: string;
}

/** `missing`: a field or item is not there; `slow`: it was ended when its time was over; `failed`: anything else. */
export class CelFailure extends Error {
  override readonly name = 'CelFailure';
  readonly reason: 'missing' | 'slow' | 'failed';

  constructor(message: string, reason: CelFailure['reason']) {
    super(message);
    this.reason = reason;
  }
}

/** Ends a call that takes too long, wherever it is: V8 ends it, which no check within the evaluator could do for a pattern. */
const sandbox: { run?: () => unknown } = createContext({});
const script = new Script('run()');

export class BoundedCel {
  readonly #environment: Environment;
  readonly #maxMs: number;

  /** @param maxMs far more than any honest expression takes; nested loops over long lists and hostile patterns end there */
  constructor(variables: readonly string[], maxMs: number) {
    this.#maxMs = maxMs;
    this.#environment = variables.reduce(
      (environment, name) => environment.registerVariable(name, 'dyn'),
      new Environment({
        unlistedVariablesAreDyn: false,
        homogeneousAggregateLiterals: false,
        enableOptionalTypes: true,
        limits: LIMITS,
      }),
    );
  }

  parse(text: string, type: 'bool' | 'string'): CelParsed {
    try {
      const parsed = this.#environment.parse(text);
      const checked = parsed.check();
      if (!checked.valid) return { problem: checked.error?.summary ?? 'it is no expression' };
      return checked.type === type || checked.type === 'dyn' ? { parsed } : { problem: `it gives ${checked.type}, not ${type}` };
    } catch (error) {
      return { problem: error instanceof Error && 'summary' in error ? String(error.summary) : String(error) };
    }
  }

  /** @param values of every variable, as {@link celValue} gives them. @throws CelFailure */
  evaluate(expression: CelExpression, values: Readonly<Record<string, unknown>>): unknown {
    try {
      sandbox.run = () => expression(values);
      return this.#run();
    } catch (error) {
      if (error instanceof EvaluationError)
        throw new CelFailure(error.summary, error.code === 'no_such_key' ? 'missing' : 'failed');
      if (ranOut(error)) throw new CelFailure(`takes longer than ${this.#maxMs / 1000} s`, 'slow');
      throw new CelFailure(error instanceof Error ? error.message : String(error), 'failed');
    } finally {
      delete sandbox.run;
    }
  }

  /** V8 counts by the clock. On a busy machine an honest expression may wait longer than it computes: it gets another turn. */
  #run(turns = MAX_TURNS): unknown {
    const from = process.threadCpuUsage();
    try {
      return script.runInContext(sandbox, { timeout: this.#maxMs });
    } catch (error) {
      const { user, system } = process.threadCpuUsage(from);
      if (turns > 1 && ranOut(error) && (user + system) / 1000 < this.#maxMs / 2) return this.#run(turns - 1);
      throw error;
    }
  }
}

/** By its code: the error is one of the sandbox, whose `Error` is another than ours. */
function ranOut(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}

/** Whole numbers are ints in CEL, as they are in a schema. */
export function celValue(value: JsonValue): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(celValue);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, celValue(member)]));
}
