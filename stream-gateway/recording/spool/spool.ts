// One recording on the disk of the gateway, before and while it is uploaded: facts, a journal of what is closed, and segments.
// The journal says what belongs to the recording; a segment that is in it and not on the disk has been uploaded.
import { appendFile, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { recordingRules } from '../../../schemas/kinds/policies/recording-rules.ts';
import { chainStart } from '../format/chain.ts';
import { type Manifest, manifestParts, type RecordingGap, type RecordingState, type SegmentEntry } from '../format/manifest.ts';
import { fileError, syncFolder, writeWhole } from '../storage/files.ts';

const facts = z.object({
  id: z.uuid(),
  session: manifestParts.session,
  /** Milliseconds since 1970. */
  startedAt: z.int().min(0),
  encryption: manifestParts.encryption,
  /** Where its objects are: `prefix/manifest.json` and so on. */
  prefix: z.string(),
  /** For the index, which may be away when the recording begins. */
  about: z.object({
    owner: z.string(),
    team: z.string().optional(),
    template: z.string(),
    policy: z.object({ name: z.string().optional(), revision: z.string().optional(), hash: z.string() }),
    rules: recordingRules,
  }),
});

export type SpoolFacts = z.infer<typeof facts>;

const line = z.union([
  z.object({ segment: manifestParts.segment }),
  z.object({ gap: manifestParts.gap }),
  z.object({ state: manifestParts.state }),
]);
type Line = z.infer<typeof line>;

const FACTS_FILE = 'recording.json';
const JOURNAL_FILE = 'journal.jsonl';

/** Where a recorder goes on. */
export interface SpoolHead {
  /** Of the last segment; 0: there is none. */
  readonly number: number;
  readonly chain: Buffer;
  /** Milliseconds since the recording began. */
  readonly endMs: number;
}

export class RecordingSpool {
  readonly folder: string;
  readonly facts: SpoolFacts;
  readonly #segments: SegmentEntry[] = [];
  readonly #gaps: RecordingGap[] = [];
  #state: RecordingState = 'Recording';

  private constructor(folder: string, spoolFacts: SpoolFacts) {
    this.folder = folder;
    this.facts = spoolFacts;
  }

  /** @param before what is in storage already of a recording that goes on here @throws StorageFull, StorageFailed */
  static async create(root: string, spoolFacts: SpoolFacts, before?: Manifest): Promise<RecordingSpool> {
    const spool = new RecordingSpool(join(root, spoolFacts.id), spoolFacts);
    try {
      await mkdir(spool.folder, { recursive: true, mode: 0o700 });
      const lines: Line[] = [
        ...(before?.segments ?? []).map((segment) => ({ segment })),
        ...(before?.gaps ?? []).map((gap) => ({ gap })),
      ];
      for (const one of lines) spool.#apply(one);
      await writeWhole(join(spool.folder, JOURNAL_FILE), Buffer.from(lines.map((one) => `${JSON.stringify(one)}\n`).join('')));
      // Last: a folder without it is no recording.
      await writeWhole(join(spool.folder, FACTS_FILE), Buffer.from(JSON.stringify(spoolFacts)));
      await syncFolder(spool.folder);
      await syncFolder(root);
      return spool;
    } catch (error) {
      throw fileError(error, `the spool of recording ${spoolFacts.id}`);
    }
  }

  /** @returns undefined when the folder is no recording: its maker was cut off before there was anything in it */
  static async open(folder: string): Promise<RecordingSpool | undefined> {
    const text = await readFile(join(folder, FACTS_FILE), 'utf8').catch(() => '');
    const read = text === '' ? undefined : facts.safeParse(JSON.parse(text));
    if (read?.success !== true) return undefined;
    const spool = new RecordingSpool(folder, read.data);
    for (const one of (await readFile(join(folder, JOURNAL_FILE), 'utf8')).split('\n')) {
      const parsed = parseLine(one);
      if (parsed !== undefined) spool.#apply(parsed);
    }
    return spool;
  }

  get segments(): readonly SegmentEntry[] {
    return this.#segments;
  }
  get gaps(): readonly RecordingGap[] {
    return this.#gaps;
  }
  get state(): RecordingState {
    return this.#state;
  }

  head(): SpoolHead {
    const last = this.#segments.at(-1);
    if (last === undefined) return { number: 0, chain: chainStart(this.facts.id), endMs: 0 };
    return { number: last.number, chain: Buffer.from(last.chain, 'hex'), endMs: last.endMs };
  }

  manifest(): Manifest {
    const { id, session, startedAt, encryption } = this.facts;
    const parts = { segments: [...this.#segments], gaps: [...this.#gaps] };
    return { format: 'streamspace.io/recording/v1', id, session, startedAt, state: this.#state, encryption, ...parts };
  }

  /** In the order of the numbers. @throws StorageFull, StorageFailed, as the next two */
  async addSegment(segment: SegmentEntry): Promise<void> {
    if (segment.number !== this.head().number + 1) throw new RangeError(`segment ${segment.number} after ${this.head().number}`);
    await this.#append({ segment });
  }

  async addGap(gap: RecordingGap): Promise<void> {
    await this.#append({ gap });
  }

  async setState(state: RecordingState): Promise<void> {
    if (state !== this.#state) await this.#append({ state });
  }

  async remove(): Promise<void> {
    // The facts last: what is left of an interrupted removal is removed again.
    await rm(join(this.folder, JOURNAL_FILE), { force: true });
    await rm(this.folder, { recursive: true, force: true });
  }

  async #append(one: Line): Promise<void> {
    try {
      await using handle = await open(join(this.folder, JOURNAL_FILE), 'a', 0o600);
      // A line of before may have been cut short: its end must not swallow this one.
      await appendFile(handle, `\n${JSON.stringify(one)}\n`);
      await handle.datasync();
    } catch (error) {
      throw fileError(error, `the journal of recording ${this.facts.id}`);
    }
    this.#apply(one);
  }

  #apply(one: Line): void {
    if ('segment' in one) this.#segments.push(one.segment);
    else if ('gap' in one) this.#gaps.push(one.gap);
    else this.#state = one.state;
  }
}

function parseLine(text: string): Line | undefined {
  if (text === '') return undefined;
  try {
    const read = line.safeParse(JSON.parse(text));
    return read.success ? read.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // cut short: nobody was told that it is written
    throw new StreamSpaceError('StorageFailed', 'the journal of a recording cannot be read', { cause: error });
  }
}
