// Reads the rows of one month in their order and says which one does not fit. After a row that does not, it goes on from what that row
// claims, so one changed row is one finding and not all that follow.
import { type ChainedRow, chainStart, linkOf, parseRow } from './chain.ts';
import { FastLink, type FastRow } from './fast-link.ts';
import { type AuditFinding, rowFinding } from './finding.ts';

/** What somebody knows of the chain at one of its rows: a signed checkpoint, or the database itself. */
export interface Claim {
  /** Rows up to there; the position of the last one. */
  readonly rows: number;
  readonly lastHash: string;
  /** Who says so, for the words of a finding: `checkpoint 12 of 2026-11-28T00:00:00.000Z`. */
  readonly by: string;
}

/** As many as are named; the others are counted. */
const MAX_FINDINGS = 20;

export class MonthVerifier {
  readonly #month: string;
  readonly #claims: readonly Claim[];
  readonly #findings: AuditFinding[] = [];
  readonly #fast = new FastLink();
  #found = 0;
  #nextClaim = 0;
  #rows = 0;
  #position = 0;
  /** What the hash before the next row may be: after a changed row either its own or the right one. */
  #previous: readonly string[];
  /** The last row did not fit; if the next has the same place and fits, the last one was put in. */
  #suspect: { readonly row: ChainedRow; readonly before: readonly string[] } | undefined;

  constructor(month: string, claims: readonly Claim[]) {
    this.#month = month;
    this.#claims = claims.toSorted((one, other) => one.rows - other.rows);
    this.#previous = [chainStart(month)];
    this.#skipEmptyClaims();
  }

  get rows(): number {
    return this.#rows;
  }

  get lastHash(): string {
    return this.#previous[0] ?? '';
  }

  /** The next line by `seq`. @returns its row where it is of a type in `wanted` @throws AuditMalformed */
  pushLine(line: string, wanted: string): ChainedRow | undefined {
    const before = this.#previous[0];
    if (this.#suspect === undefined && before !== undefined && this.#previous.length === 1) {
      const fast = this.#fast.read(line, before, this.#position + 1);
      if (fast !== undefined && !this.#isClaimed(fast)) {
        this.#rows += 1;
        this.#position = fast.position;
        this.#previous = [fast.hash];
        return fast.type === wanted ? parseRow(line) : undefined;
      }
    }
    const row = parseRow(line);
    this.push(row);
    return row.type === wanted ? row : undefined;
  }

  push(row: ChainedRow): void {
    this.#rows += 1;
    const suspect = this.#suspect;
    if (suspect !== undefined) {
      this.#suspect = undefined;
      if (row.position === suspect.row.position && this.#fits(row, suspect.before)) {
        this.#add(rowFinding('inserted', this.#month, suspect.row, 'it was put in: the row that belongs there follows it'));
        this.#accept(row, [row.hash]);
        return;
      }
      this.#add(rowFinding('changed', this.#month, suspect.row, 'its content or its hash is not what was written'));
    }
    if (row.position <= this.#position) {
      this.#add(rowFinding('inserted', this.#month, row, `it has place ${row.position}, which is taken: it was put in or moved`));
      return;
    }
    if (row.position > this.#position + 1) {
      const [from, to] = [this.#position + 1, row.position - 1];
      const gone = from === to ? `row ${from} is missing` : `rows ${from} to ${to} are missing`;
      this.#add(rowFinding('missing', this.#month, row, `before it ${gone}`));
      this.#accept(row, [row.hash]);
      return;
    }
    const before = this.#previous;
    if (this.#fits(row, before)) {
      this.#accept(row, [row.hash]);
      return;
    }
    this.#suspect = { row, before };
    this.#accept(row, [row.hash, ...before.map((hash) => linkOf(hash, row))]);
  }

  /** After the last row. */
  end(): { readonly findings: readonly AuditFinding[]; readonly found: number } {
    if (this.#suspect !== undefined)
      this.#add(rowFinding('changed', this.#month, this.#suspect.row, 'its content or its hash is not what was written'));
    const longest = this.#claims.at(-1);
    if (longest !== undefined && longest.rows > this.#position) {
      const [from, to] = [this.#position + 1, longest.rows];
      const words = `${from === to ? `row ${from}, the last, is` : `the last rows, ${from} to ${to}, are`} missing: ${longest.by} has them`;
      this.#add({ problem: 'missing', month: this.#month, row: null, words });
    }
    return { findings: this.#findings, found: this.#found };
  }

  #fits(row: ChainedRow, before: readonly string[]): boolean {
    return before.some((hash) => linkOf(hash, row) === row.hash);
  }

  #accept(row: ChainedRow, hashes: readonly string[]): void {
    this.#position = row.position;
    this.#previous = hashes;
    for (let claim = this.#claims[this.#nextClaim]; claim !== undefined && claim.rows <= row.position; ) {
      // A row that does not fit is told already, and a place that is missing, too.
      if (claim.rows === row.position && !hashes.includes(claim.lastHash))
        this.#add(rowFinding('rewritten', this.#month, row, `${claim.by} has another row in its place`));
      this.#nextClaim += 1;
      claim = this.#claims[this.#nextClaim];
    }
  }

  #isClaimed({ position }: FastRow): boolean {
    const claim = this.#claims[this.#nextClaim];
    return claim !== undefined && claim.rows <= position;
  }

  #skipEmptyClaims(): void {
    while (this.#claims[this.#nextClaim]?.rows === 0) this.#nextClaim += 1;
  }

  #add(finding: AuditFinding): void {
    this.#found += 1;
    if (this.#findings.length < MAX_FINDINGS) this.#findings.push(finding);
  }
}
