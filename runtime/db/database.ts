// The one owner of the PostgreSQL client. Values are bound, never put into the text; transactions are short.
import pg from 'pg';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { Logger } from '../log/log.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Runs one statement with bound values. Rejects with `DatabaseUnavailable` when there is no answer. */
export interface Queryable {
  query<T extends Row = Row>(sql: string, values?: readonly unknown[]): Promise<readonly T[]>;
}

export interface Database extends Queryable, AsyncDisposable {
  /** BEGIN ... COMMIT; ROLLBACK when `work` throws. Do not wait for a network inside. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** One probe; false when the server does not answer. */
  alive(): Promise<boolean>;
}

/** SQLSTATE classes 08 (connection) and 57P (shutdown, crash, starting up), and what the socket says. */
function unavailable(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : '';
  return (
    /^(08|57P|53300|ECONN|ENOENT|EPIPE|ETIMEDOUT)/.test(code) ||
    /Connection terminated|timeout exceeded when trying to connect|Query read timeout/.test(message)
  );
}

async function run<T extends Row>(
  client: pg.Pool | pg.PoolClient,
  sql: string,
  values: readonly unknown[],
): Promise<readonly T[]> {
  try {
    return (await client.query(sql, [...values])).rows as T[];
  } catch (error) {
    if (unavailable(error)) throw new StreamSpaceError('DatabaseUnavailable', 'the database does not answer', { cause: error });
    throw error;
  }
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw new StreamSpaceError('DatabaseUnavailable', 'the database does not answer', { cause: error });
  }
}

export interface DatabaseOptions {
  readonly url: string;
  readonly log: Logger;
  readonly maxConnections?: number;
}

export function openDatabase(options: DatabaseOptions): Database {
  return databaseOn(openPool(options));
}

/** Connects when it is first asked. */
export function openPool(options: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 3_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 15_000,
    // Also when the server says nothing at all: a machine that hangs must not hang us.
    query_timeout: 16_000,
    application_name: 'streamspace',
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) => options.log.warn({ err: error }, 'idle database connection lost'));
  return pool;
}

/** Owns the pool. */
export function databaseOn(pool: pg.Pool): Database {
  return {
    query: (sql, values = []) => run(pool, sql, values),
    async transaction(work) {
      const client = await connect(pool);
      let failed = false;
      try {
        await client.query('begin');
        const result = await work({ query: (sql, values = []) => run(client, sql, values) });
        await client.query('commit');
        return result;
      } catch (error) {
        failed = true;
        await client.query('rollback').catch(() => undefined);
        throw error;
      } finally {
        // A connection on which anything failed may be half dead: it is not given back.
        client.release(failed);
      }
    },
    async alive() {
      return pool.query('select 1').then(
        () => true,
        () => false,
      );
    },
    async [Symbol.asyncDispose]() {
      await pool.end();
    },
  };
}
