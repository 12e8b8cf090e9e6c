// An audit log of its own that its database's owner can change: events, the keeper, and what verification finds.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appendEvents, type StampedEvent } from '../../runtime/audit/append-events.ts';
import type { PolicyRetention } from '../../runtime/audit/audit-rules.ts';
import type { Database } from '../../runtime/db/database.ts';
import { createLogger, type Logger } from '../../runtime/log/log.ts';
import { readCheckpoints } from '../../stream-gateway/audit/checkpoints.ts';
import { AuditKeeper } from '../../stream-gateway/audit/keeper.ts';
import { type AuditVerification, verifyAudit } from '../../stream-gateway/audit/verify.ts';
import { FolderStorage } from '../../stream-gateway/recording/storage/folder-storage.ts';
import { listMonths, readRows } from '../../stream-gateway/store/audit-chain.ts';
import { databaseOf } from './database.ts';
import { freshDatabase } from './fresh-database.ts';
import { temporaryFolder } from './recording.ts';
import type { Servers } from './servers.ts';

export interface AuditWorld extends AsyncDisposable {
  readonly db: Database;
  readonly url: string;
  /** Holds the checkpoints. */
  readonly folder: string;
  /** Of the public key, and of the private one. */
  readonly keyFiles: { readonly publicKey: string; readonly privateKey: string };
  /** @param keepMonths default: for ever @param retention of policies; default: there is none */
  keeper(now: () => Date, keepMonths?: number, retention?: PolicyRetention, log?: Logger): AuditKeeper;
  verify(): Promise<AuditVerification>;
  /** As whoever owns the tables can: past the triggers. */
  tamper(...statements: readonly string[]): Promise<void>;
}

const SILENT = createLogger({ name: 'test', level: 'silent' });

/** @param at RFC 3339; default: now */
export function auditEvent(more: Partial<StampedEvent> = {}): StampedEvent {
  const at = new Date().toISOString();
  return { id: randomUUID(), at, type: 'signout', actor: 'member', result: 'success', ...more };
}

/** The people of the installation with their API keys, for a gateway on another database. */
export async function withPeople(servers: Servers, db: Database): Promise<void> {
  await using installed = databaseOf(servers);
  for (const table of ['people', 'api_keys']) {
    const rows = await installed.query<{ row: unknown }>(`select to_jsonb(t) as row from ${table} t limit 100`);
    await db.query(`insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1)`, [
      JSON.stringify(rows.map(({ row }) => row)),
    ]);
  }
}

export async function auditWorld(servers: Servers): Promise<AuditWorld> {
  const fresh = await freshDatabase(servers, 'template0');
  const { db, url } = fresh;
  const folder = await temporaryFolder();
  const keys = generateKeyPairSync('ed25519');
  const keyFiles = { publicKey: join(folder.path, 'key.pub'), privateKey: join(folder.path, 'key.pem') };
  await writeFile(keyFiles.publicKey, keys.publicKey.export({ type: 'spki', format: 'pem' }));
  await writeFile(keyFiles.privateKey, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const objects = new FolderStorage(join(folder.path, 'objects'));
  const signal = new AbortController().signal;
  return {
    ...{ db, url, folder: join(folder.path, 'objects'), keyFiles },
    keeper: (now, keepMonths, retention = { keepDays: undefined, legalHold: false }, log = SILENT) =>
      new AuditKeeper({
        ...{ db, now, keepMonths, policies: () => retention, storage: { objects, signingKey: keys.privateKey } },
        audit: (event) => appendEvents(db, [{ ...event, id: randomUUID(), at: new Date().toISOString() }]),
        log,
      }),
    verify: () =>
      verifyAudit(
        {
          async *checkpoints() {
            for await (const bytes of readCheckpoints(objects, signal)) yield [bytes.toString().trimEnd()];
          },
          months: () => listMonths(db),
          async *rows(month) {
            for await (const page of readRows(db, month)) yield page.trimEnd().split('\n');
          },
        },
        [keys.publicKey],
      ),
    async tamper(...statements) {
      await db.transaction(async (tx) => {
        await tx.query('alter table audit_events disable trigger all');
        for (const statement of statements) await tx.query(statement);
        await tx.query('alter table audit_events enable trigger all');
      });
    },
    async [Symbol.asyncDispose]() {
      await fresh[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
