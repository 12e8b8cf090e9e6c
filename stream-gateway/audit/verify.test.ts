import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ChainedRow, chainStart, linkOf, parseRow } from './chain.ts';
import { type Checkpoint, checkpointHash, type MonthState, signCheckpoint } from './checkpoint.ts';
import { type SourceMonth, verifyAudit } from './verify.ts';

const KEYS = generateKeyPairSync('ed25519');
const MONTH = '2026-11';

/** Written as the database writes it. */
function chainOf(count: number, change: (row: ChainedRow) => ChainedRow = (row) => row, month = MONTH): readonly ChainedRow[] {
  const rows: ChainedRow[] = [];
  let hash = chainStart(month);
  for (let position = 1; position <= count; position += 1) {
    const at = `2026-11-02T03:04:05.${String(position % 1000).padStart(3, '0')}000Z`;
    const facts = { type: 'signout', actor: 'member', result: 'success', object: null, sourceAddress: null, requestId: null };
    const row = change({ seq: 10 + position, id: `id-${position}`, at, ...facts, details: { position }, position, hash: '' });
    hash = linkOf(hash, row);
    rows.push({ ...row, hash });
  }
  return rows;
}

const stateOf = (rows: readonly ChainedRow[]): MonthState => ({
  month: MONTH,
  rows: rows.length,
  lastSeq: rows.at(-1)?.seq ?? null,
  lastHash: rows.at(-1)?.hash ?? chainStart(MONTH),
  dropped: null,
});

function checkpointsOf(...states: readonly (readonly MonthState[])[]): readonly Buffer[] {
  const files: Buffer[] = [];
  for (const months of states) {
    const before = files.at(-1);
    const checkpoint: Checkpoint = {
      format: 'streamspace.io/audit-checkpoint/v1',
      number: files.length + 1,
      previous: before === undefined ? null : checkpointHash(before),
      at: `2026-11-0${files.length + 3}T00:00:00.000Z`,
      months: [...months],
    };
    files.push(signCheckpoint(checkpoint, KEYS.privateKey));
  }
  return files;
}

interface World {
  readonly rows: readonly ChainedRow[];
  readonly checkpoints?: readonly Buffer[];
  readonly month?: Partial<SourceMonth> | null;
}

const linesOf = (rows: readonly ChainedRow[]): readonly string[] =>
  rows.map(({ seq, id, at, type, actor, result, object, sourceAddress, requestId, details, position, hash }) =>
    JSON.stringify([seq, id, at, type, actor, result, object, sourceAddress, requestId, details, position, hash]),
  );

async function problemsOf({ rows, checkpoints = [], month = {} }: World): Promise<readonly string[]> {
  const lines = linesOf(rows);
  const own = { ...stateOf(rows), droppedAt: null, stored: true, ...month };
  const { findings } = await verifyAudit(
    {
      async *checkpoints() {
        for (const bytes of checkpoints) yield [bytes.toString().trimEnd()];
      },
      months: async () => (month === null ? [] : [own]),
      async *rows() {
        yield lines.slice(0, 7);
        yield lines.slice(7);
      },
    },
    [KEYS.publicKey],
  );
  return findings.map(({ problem, row, words }) => `${problem} ${row?.id ?? words}`);
}

test('P-02-1 a log that nobody touched is genuine, with its checkpoints', async () => {
  const rows = chainOf(30);
  const checkpoints = checkpointsOf([stateOf(rows.slice(0, 10))], [stateOf(rows.slice(0, 20))], []);
  expect(await problemsOf({ rows, checkpoints })).toEqual([]);
});

test('P-02-1 whatever field of whatever row is changed, that row is named and no other', async () => {
  const rows = chainOf(20);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(19),
      fc.constantFrom<(row: ChainedRow) => ChainedRow>(
        (row) => ({ ...row, actor: 'membes' }),
        (row) => ({ ...row, actor: null }),
        (row) => ({ ...row, at: row.at.replace('000Z', '001Z') }),
        (row) => ({ ...row, details: { position: row.position, more: null } }),
        (row) => ({ ...row, type: 'signin.failed' }),
        (row) => ({ ...row, object: '' }),
        (row) => ({ ...row, hash: `${row.hash.slice(0, 63)}${row.hash.endsWith('0') ? '1' : '0'}` }),
      ),
      async (index, change) => {
        const changed = rows.map((row, place) => (place === index ? change(row) : row));
        const known = { month: { lastHash: rows.at(-1)?.hash ?? '' } };
        expect(await problemsOf({ rows: changed, ...known })).toEqual([`changed id-${index + 1}`]);
      },
    ),
    { numRuns: 60 },
  );
});

test('P-02-1 a row that was taken out is missing before the one that follows', async () => {
  const rows = chainOf(9);
  const month = stateOf(rows);
  expect(await problemsOf({ rows: rows.toSpliced(4, 1), month })).toEqual(['missing id-6']);
  expect(await problemsOf({ rows: rows.toSpliced(2, 3), month })).toEqual(['missing id-6']);
  expect(await problemsOf({ rows: rows.slice(1), month })).toEqual(['missing id-2']);
});

test('P-02-1 the last row that was taken out is missing, by the table of months or by a checkpoint', async () => {
  const rows = chainOf(9);
  const cut = rows.slice(0, 8);
  expect(await problemsOf({ rows: cut, month: stateOf(rows) })).toMatchObject([
    expect.stringMatching(/^missing row 9, the last/),
  ]);
  expect(await problemsOf({ rows: cut, checkpoints: checkpointsOf([stateOf(rows)]) })).toMatchObject([
    expect.stringMatching(/^missing row 9.*checkpoint 1 of/),
  ]);
  expect(await problemsOf({ rows: [], checkpoints: checkpointsOf([stateOf(rows)]) })).toMatchObject([
    expect.stringMatching(/^missing the last rows, 1 to 9/),
  ]);
});

test('P-02-1 a row that was put in is named, wherever it is put', async () => {
  const rows = chainOf(9);
  const known = { month: stateOf(rows) };
  const extra = { ...chainOf(4)[3], id: 'extra', actor: 'x' } as ChainedRow;
  expect(await problemsOf({ rows: rows.toSpliced(3, 0, extra), ...known })).toEqual(['inserted extra']);
  expect(await problemsOf({ rows: rows.toSpliced(7, 0, extra), ...known })).toEqual(['inserted extra']);
});

test('P-02-1 a chain that was computed anew from some row on does not agree with the checkpoint', async () => {
  const rows = chainOf(20);
  const rewritten = chainOf(20, (row) => (row.position === 7 ? { ...row, actor: 'somebody else' } : row));
  expect(await problemsOf({ rows: rewritten })).toEqual([]); // nothing but a checkpoint can tell
  const checkpoints = checkpointsOf([stateOf(rows.slice(0, 5))], [stateOf(rows.slice(0, 10))], [stateOf(rows)]);
  expect(await problemsOf({ rows: rewritten, checkpoints })).toEqual(['rewritten id-10', 'rewritten id-20']);
});

test('a month may be gone only when a signed checkpoint says that its time was over', async () => {
  const rows = chainOf(5);
  const dropped = { at: '2027-12-01T00:00:00.000Z', keepMonths: 12 };
  const [alive, tomb] = [stateOf(rows), { ...stateOf(rows), dropped }];
  const gone = { rows: [], month: { ...alive, stored: false, droppedAt: dropped.at } };
  expect(await problemsOf({ ...gone, checkpoints: checkpointsOf([alive], [tomb]) })).toEqual([]);
  expect(await problemsOf({ ...gone, checkpoints: checkpointsOf([alive]) })).toMatchObject([
    expect.stringMatching(/^monthMissing/),
  ]);
  expect(await problemsOf({ rows: [], month: null, checkpoints: checkpointsOf([alive]) })).toMatchObject([
    expect.stringMatching(/^monthMissing/),
  ]);
  const other = { ...tomb, lastHash: chainStart('2020-01') };
  expect(await problemsOf({ ...gone, checkpoints: checkpointsOf([alive], [other]) })).toMatchObject([
    expect.stringMatching(/^rewritten/),
  ]);
});

test('a checkpoint that is forged, taken out or cut off is told', async () => {
  const made = checkpointsOf([stateOf(chainOf(2))], [stateOf(chainOf(4))], [stateOf(chainOf(6))]);
  const rows = chainOf(6);
  const forged = Buffer.from(String(made[1]).replace('"rows":4', '"rows":3'));
  expect(await problemsOf({ rows, checkpoints: made.with(1, forged) })).toMatchObject([
    expect.stringMatching(/^notSigned/),
    expect.stringMatching(/^checkpointMissing before checkpoint 3/),
  ]);
  expect(await problemsOf({ rows, checkpoints: made.toSpliced(1, 1) })).toMatchObject([
    expect.stringMatching(/^checkpointMissing/),
  ]);
  // The newest: only the log itself remembers it.
  const sha256 = checkpointHash(made[2] ?? Buffer.alloc(0));
  const remembering = chainOf(6, (row) =>
    row.position === 6 ? { ...row, type: 'audit.checkpoint', details: { number: 3, sha256 } } : row,
  );
  const two = checkpointsOf([stateOf(remembering.slice(0, 2))], [stateOf(remembering.slice(0, 4))]);
  expect(await problemsOf({ rows: remembering, checkpoints: two })).toMatchObject([
    expect.stringMatching(/^checkpointMissing .*checkpoint 3 was made, and there is none/),
  ]);
});

test('months are read side by side, and told in their order', async () => {
  const changed = chainOf(9).map((row) => (row.position === 4 ? { ...row, actor: 'somebody else' } : row));
  const [first, second] = ['2026-10', '2026-11'];
  const secondEnded = Promise.withResolvers<void>();
  const { months, findings } = await verifyAudit(
    {
      async *checkpoints() {},
      months: async () =>
        [second, first].map((month) => ({ ...stateOf(chainOf(9, undefined, month)), month, droppedAt: null, stored: true })),
      async *rows(month) {
        if (month === first) await secondEnded.promise;
        yield linesOf(month === first ? chainOf(8, undefined, first) : changed);
        if (month === second) secondEnded.resolve();
      },
    },
    [KEYS.publicKey],
  );
  expect(months.map(({ month, rows, state }) => [month, rows, state])).toEqual([
    [first, 8, 'not genuine'],
    [second, 9, 'not genuine'],
  ]);
  expect(findings.map(({ problem, month }) => [problem, month])).toEqual([
    ['missing', first],
    ['changed', second],
  ]);
});

test('a month that cannot be read ends the reading of the others', async () => {
  const closed = Promise.withResolvers<string>();
  const broken = Promise.withResolvers<void>();
  const verified = verifyAudit(
    {
      async *checkpoints() {},
      months: async () => ['2026-10', '2026-11'].map((month) => ({ ...stateOf([]), month, droppedAt: null, stored: true })),
      async *rows(month) {
        if (month === '2026-11') {
          await broken.promise;
          throw new Error('the line is cut');
        }
        try {
          broken.resolve();
          for (;;) yield await new Promise<readonly string[]>((resolve) => setImmediate(resolve, []));
        } finally {
          closed.resolve(month);
        }
      },
    },
    [KEYS.publicKey],
  );
  await expect(verified).rejects.toThrow('the line is cut');
  expect(await closed.promise).toBe('2026-10');
});

test('what is no row is an error and no finding', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (line) => {
      expect(() => parseRow(line)).toThrow(/audit log/);
    }),
  );
});
