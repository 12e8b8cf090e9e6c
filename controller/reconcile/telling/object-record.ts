// What Git wants of each object of a GitSync, and how it is: what the tree, the live diff and `explain` are made of. Pure.
import { createHash } from 'node:crypto';
import { project, withoutSecrets } from '../../../runtime/kube/watch/projection.ts';
import type { FieldRule } from '../../../schemas/kinds/field-rule.ts';
import type { ObjectHealth } from '../../../schemas/sync-history.ts';
import { appliedJson, type SyncName } from '../../apply/ownership.ts';
import type { Health } from '../../observe/health.ts';
import type { DryRun } from '../../plan/input.ts';
import type { Plan } from '../../plan/plan.ts';
import { groupOf, type ObjectId } from '../../render/manifest.ts';
import { type JsonObject, type JsonValue, writeJson } from '../../render/yaml/json.ts';
import { fieldsOf, withoutFields } from '../../validate/fields.ts';
import type { Identified } from '../../validate/validate.ts';

export interface ObjectRecord {
  readonly object: ObjectId;
  readonly version: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly document?: number | undefined;
  readonly unit?: string | undefined;
  readonly health: ObjectHealth;
  readonly healthMessage: string;
  /** JSON; `null`: too large to keep. */
  readonly wanted: string | null;
  /** `wanted` is as the API server wrote it back; else as Git has it, and what is stored of the same hash is better. */
  readonly exact: boolean;
  /** SHA-256, hexadecimal, of what Git wants; without the values of a Secret. */
  readonly wantedHash: string;
}

/** A definition of a kind may have more than a megabyte; nobody reads a diff of that. */
const MAX_WANTED_BYTES = 128 * 1024;

export interface ObjectFacts {
  readonly owner: SyncName;
  /** Everything that Git wants. */
  readonly wanted: readonly Identified[];
  readonly dryRuns: ReadonlyMap<ObjectId, DryRun>;
  /** What the API server answered to each write. */
  readonly answers: ReadonlyMap<ObjectId, JsonObject>;
  readonly unhealthy: ReadonlyMap<ObjectId, Health>;
  /** Fields that are shown to nobody: they are not kept at all. */
  readonly mask: readonly FieldRule[];
}

/** In the order of the plan. */
export function wantedIn(plan: Plan): readonly Identified[] {
  return plan.changes.flatMap((change) => ('wanted' in change && change.wanted !== undefined ? [change.wanted] : []));
}

/** Each when it is asked for: thousands at once would stop everything else for a while, and be held until all are stored. */
export function* objectRecords(facts: ObjectFacts): Generator<ObjectRecord> {
  for (const wanted of facts.wanted) yield recordOf(wanted, facts);
}

function recordOf(wanted: Identified, { owner, answers, dryRuns, unhealthy, mask }: ObjectFacts): ObjectRecord {
  const { id, manifest } = wanted;
  const { apiVersion, position } = manifest;
  const open = withoutFields(JSON.parse(appliedJson(wanted, owner)) as JsonObject, fieldsOf(mask, id));
  const clean = withoutSecrets(open);
  const dryRun = dryRuns.get(id);
  const answer = answers.get(id) ?? (dryRun?.outcome === 'accepted' ? dryRun.result : undefined);
  const health = unhealthy.get(id);
  return {
    object: id,
    version: groupOf(apiVersion) === '' ? apiVersion : (apiVersion.split('/')[1] ?? ''),
    file: position.file,
    line: position.line,
    document: position.document,
    unit: manifest.unit,
    health: health === undefined ? 'Healthy' : healthWords(health),
    healthMessage: (health?.message ?? '').slice(0, 1024),
    wanted: boundedJson(answer === undefined ? clean : project(clean, withoutSecrets(answer))),
    exact: answer !== undefined,
    wantedHash: createHash('sha256').update(JSON.stringify(clean)).digest('hex'),
  };
}

function boundedJson(value: unknown): string | null {
  const text = writeJson(value as JsonValue);
  return Buffer.byteLength(text) > MAX_WANTED_BYTES ? null : text;
}

function healthWords({ state }: Health): ObjectHealth {
  switch (state) {
    case 'Current':
      return 'Healthy';
    case 'InProgress':
    case 'Terminating':
      return 'Progressing';
    case 'Failed':
      return 'Degraded';
    case 'NotFound':
      return 'Missing';
    case 'Unknown':
      return 'Unknown';
  }
}
