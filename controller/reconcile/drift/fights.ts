// Finds fields that two writers keep changing, and damps them: the object is then put back once a minute, everything else at
// once. Memory only: after a restart a fight is found again within its first minute.
import type { Change, Plan } from '../../plan/plan.ts';
import { describeId, type ObjectId } from '../../render/manifest.ts';

/** S-055: so many changes of a field, ours and theirs, within a minute are a fight. */
const CHANGES = 5;
const WITHIN_MS = 60_000;
/** While it is fought over, an object is put back this often. */
const REPAIR_EVERY_MS = 60_000;
/** So long without a change of theirs, and the fight is over. */
const OVER_AFTER_MS = 3 * 60_000;
/** Of one GitSync; beyond it the oldest are forgotten. */
const MAX_OBJECTS = 10_000;

export interface Fight {
  readonly id: ObjectId;
  readonly field: string;
  /** Besides ours. */
  readonly managers: readonly string[];
}

export interface Damped {
  /** Without the repairs that have to wait. */
  readonly plan: Plan;
  readonly waiting: readonly ObjectId[];
  /** Those that began with this plan. */
  readonly begun: readonly Fight[];
}

interface Fought {
  /** When each field was found changed, within the last minute; the end is the latest. */
  readonly fields: Map<string, number[]>;
  /** What is said of it, once it is a fight. */
  fight: Fight | undefined;
  changedAt: number;
  repairedAt: number;
}

/** Who else owns a field of an object, asked for only when a fight begins. */
export type ManagersOf = (id: ObjectId, field: string) => readonly string[];

export class FieldFights {
  readonly #now: () => number;
  readonly #syncs = new Map<string, Map<ObjectId, Fought>>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @param plan of a revision that is applied already: what it would change is what somebody else has changed */
  damp(owner: string, plan: Plan, managersOf: ManagersOf): Damped {
    const now = this.#now();
    const objects = this.#syncs.get(owner) ?? new Map<ObjectId, Fought>();
    const waiting: ObjectId[] = [];
    const begun: Fight[] = [];
    const changes = plan.changes.map((change): Change => {
      const fields = repairedFields(change);
      if (fields.length === 0) return change;
      const fought = objects.get(change.id) ?? newlyFought();
      objects.delete(change.id);
      objects.set(change.id, fought); // to the young end
      const field = noteChanges(fought, fields, now);
      if (field !== undefined && fought.fight === undefined) {
        fought.fight = { id: change.id, field, managers: managersOf(change.id, field) };
        begun.push(fought.fight);
      }
      if (fought.fight === undefined || now - fought.repairedAt >= REPAIR_EVERY_MS) return change;
      waiting.push(change.id);
      return damped(change, fought.fight);
    });
    this.#forgetOld(owner, objects, now);
    return { plan: { ...plan, changes }, waiting, begun };
  }

  /** What was put back; each object that is not there counts for nothing. */
  repaired(owner: string, ids: Iterable<ObjectId>): void {
    for (const id of ids) {
      const fought = this.#syncs.get(owner)?.get(id);
      if (fought !== undefined) fought.repairedAt = this.#now();
    }
  }

  of(owner: string): readonly Fight[] {
    return [...(this.#syncs.get(owner)?.values() ?? [])].flatMap(({ fight }) => (fight === undefined ? [] : [fight]));
  }

  /** Objects that are fought over, of all GitSyncs. */
  count(): number {
    return [...this.#syncs.keys()].reduce((sum, owner) => sum + this.of(owner).length, 0);
  }

  /** Until the next repair of what waits, or until a fight may be over. Infinity without a fight. */
  lookAgainMs(owner: string): number {
    const now = this.#now();
    const times = [...(this.#syncs.get(owner)?.values() ?? [])].flatMap(({ fight, changedAt, repairedAt }) => {
      if (fight === undefined) return [];
      const repairIn = repairedAt + REPAIR_EVERY_MS - now;
      return [changedAt > repairedAt && repairIn > 0 ? repairIn : changedAt + OVER_AFTER_MS - now];
    });
    return Math.max(1_000, Math.min(Number.POSITIVE_INFINITY, ...times));
  }

  forget(owner: string): void {
    this.#syncs.delete(owner);
  }

  #forgetOld(owner: string, objects: Map<ObjectId, Fought>, now: number): void {
    for (const [id, { changedAt, fight }] of objects) {
      const old = now - changedAt >= (fight === undefined ? WITHIN_MS : OVER_AFTER_MS);
      if (old || objects.size > MAX_OBJECTS) objects.delete(id);
    }
    if (objects.size === 0) this.#syncs.delete(owner);
    else this.#syncs.set(owner, objects);
  }
}

function newlyFought(): Fought {
  return { fields: new Map(), fight: undefined, changedAt: 0, repairedAt: Number.NEGATIVE_INFINITY };
}

/** An object that was deleted is a change of all of it. */
function repairedFields(change: Change): readonly string[] {
  if (change.action === 'create') return change.deferred ? [] : [''];
  if (change.action !== 'configure' && change.action !== 'replace') return [];
  return change.differences.map(({ path }) => path);
}

/** Gives a field that is fought over. Between two changes of theirs lies one of ours, or there would be no second one. */
function noteChanges(fought: Fought, fields: readonly string[], now: number): string | undefined {
  // Found changed and not put back yet: it is still the same change.
  const same = fought.changedAt > fought.repairedAt;
  fought.changedAt = now;
  let found: string | undefined;
  for (const [field, times] of fought.fields)
    if (now - (times.at(-1) ?? 0) >= WITHIN_MS && !fields.includes(field)) fought.fields.delete(field);
  for (const field of fields) {
    const recent = (fought.fields.get(field) ?? []).filter((time) => now - time < WITHIN_MS);
    const times = same && recent.length > 0 ? recent : [...recent, now];
    fought.fields.set(field, times);
    if (2 * times.length - 1 >= CHANGES) found ??= field;
  }
  return found;
}

function damped(change: Change, { field, managers }: Fight): Change {
  const reason = `${describeFight({ id: change.id, field, managers })}; it is put back once a minute`;
  const wanted = 'wanted' in change ? change.wanted : undefined;
  const position = change.position === undefined ? {} : { position: change.position };
  return { id: change.id, ...position, action: 'skip', reason, ...(wanted === undefined ? {} : { wanted }) };
}

/** `Deployment team-web/api: spec.replicas is set by Git and by kube-controller-manager` */
export function describeFight({ id, field, managers }: Fight): string {
  const others = managers.length === 0 ? 'somebody else' : managers.join(', ');
  const what = field === '' ? 'it is made by Git and deleted' : `${field} is set by Git (streamspace-sync) and`;
  return `${describeId(id)}: ${what} by ${others}`;
}
