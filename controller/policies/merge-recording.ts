// Several RecordingPolicies as one, at a time: the most restrictive wins, field by field. Restrictive is what keeps more evidence,
// for longer, and shows it to fewer. Pure; the order of the policies makes no difference.
import type { EffectivePolicy } from '../../schemas/kinds/policies/effective-policy.ts';
import type { RecordingPolicy } from '../../schemas/kinds/policies/recording-policy.ts';
import {
  DEFAULT_FRAMES_PER_SECOND,
  DEFAULT_SEGMENT_SECONDS,
  groupOfViewer,
  NOT_RECORDED,
  type RecordingRules,
  recordingMode,
  recordWhen,
} from '../../schemas/kinds/policies/recording-rules.ts';
import { SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { AND, fullName, MAX, type Merging, MIN, OR, sortedPolicies } from './merging.ts';
import { openAt } from './recording-windows.ts';

export interface MergedRecording {
  readonly recording: RecordingRules;
  /** Of every field that is another than without any policy, in the order of the table, as `recording.FIELD`. */
  readonly origins: EffectivePolicy['origins'];
  /** When a window opens or closes; undefined: none within a year. */
  readonly nextChangeAt: Date | undefined;
}

/** A policy, and whether it asks for a recording now. */
export interface Asking {
  /** `namespace/name` */
  readonly name: string;
  readonly namespace: string;
  readonly spec: RecordingPolicy['spec'];
  readonly open: boolean;
}

interface Field<T> extends Merging<T> {
  readonly how: string;
  /** Undefined: this policy says nothing of it. */
  readonly of: (asking: Asking) => T | undefined;
}

const STRICTEST = <T extends string>(options: readonly T[]): Merging<T> => ({
  combine: (a, b) => (options.indexOf(b) > options.indexOf(a) ? b : a),
  measure: (value) => -options.indexOf(value),
});
/** `Auditor` is everybody who has the right, a group those of them who are in it: in the end only the group is left. */
const INTERSECTION: Merging<readonly string[]> = {
  combine: (a, b) => [
    ...a.filter((viewer) => admits(b, viewer)),
    ...b.filter((viewer) => !a.includes(viewer) && admits(a, viewer)),
  ],
  measure: (viewers) => viewers.length + (viewers.includes('Auditor') ? MANY_GROUPS : 0),
};
const MANY_GROUPS = 1_000;
const admits = (viewers: readonly string[], viewer: string): boolean =>
  viewers.includes(viewer) || (groupOfViewer(viewer) !== undefined && viewers.includes('Auditor'));
/** Each once, in order, and no group beside `Auditor`. */
const plainViewers = (viewers: readonly string[]): readonly string[] =>
  [...new Set(viewers)].filter((viewer) => groupOfViewer(viewer) === undefined || !viewers.includes('Auditor')).toSorted();
/** A recording has one key. That of the platform goes first: whoever can delete the key can make the recording unreadable. */
const PLATFORM_FIRST: Merging<NonNullable<RecordingRules['encryptionKeyRef']>> = {
  combine: (a, b) => (b.namespace === SYSTEM_NAMESPACE && a.namespace !== SYSTEM_NAMESPACE ? b : a),
  measure: ({ namespace }) => Number(namespace !== SYSTEM_NAMESPACE),
};

const FOR_EVER = Number.POSITIVE_INFINITY;

/** A policy that records and does not say how well asks for the default, so that no other can spoil its recordings. */
const asks = ({ spec: { record = 'Off' } }: Asking): boolean => record !== 'Off';

/** How each field is merged, as the guide shows it. */
export const RECORDING_MERGE = {
  record: field('strictest', STRICTEST(recordWhen.options), ({ spec, open }) => (open ? spec.record : undefined)),
  mode: field('strictest', STRICTEST(recordingMode.options), ({ spec }) => spec.mode),
  framesPerSecond: field(
    'max',
    MAX,
    (asking) => asking.spec.framesPerSecond ?? (asks(asking) ? DEFAULT_FRAMES_PER_SECOND : undefined),
  ),
  segmentSeconds: field(
    'min',
    MIN,
    (asking) => asking.spec.segmentSeconds ?? (asks(asking) ? DEFAULT_SEGMENT_SECONDS : undefined),
  ),
  maxBytesPerSecond: field('min', MIN, ({ spec }) => spec.maxBytesPerSecond),
  encryptionKeyRef: field('first', PLATFORM_FIRST, ({ spec: { encryptionKeyRef }, namespace }) =>
    encryptionKeyRef === undefined ? undefined : { namespace, ...encryptionKeyRef },
  ),
  // Kept for ever where one that records does not say.
  retentionDays: field('max', MAX, (asking) => asking.spec.retentionDays ?? (asks(asking) ? FOR_EVER : undefined)),
  legalHold: field('or', OR, ({ spec }) => spec.legalHold),
  viewers: field('intersection', INTERSECTION, ({ spec: { viewers } }) =>
    viewers === undefined ? undefined : plainViewers(viewers),
  ),
  download: field('and', AND, ({ spec }) => spec.download),
  stepUp: field('or', OR, ({ spec }) => spec.stepUp),
  notifyUser: field('or', OR, ({ spec }) => spec.notifyUser),
  'events.input': field('or', OR, ({ spec }) => spec.events?.input),
  'events.clipboard': field('or', OR, ({ spec }) => spec.events?.clipboard),
} as const;

function field<T>(how: string, merging: Merging<T>, of: (asking: Asking) => T | undefined): Field<T> {
  return { how, ...merging, of };
}

/** @param policies those that apply to one session. None: it is not recorded. */
export function mergeRecording(policies: readonly RecordingPolicy[], now: Date): MergedRecording {
  const timed = sortedPolicies(policies).map((policy) => ({ policy, ...openAt(policy.spec.windows, now) }));
  const asking = timed.map(({ policy, open }) => ({
    name: fullName(policy),
    namespace: policy.metadata.namespace ?? '',
    spec: policy.spec,
    open,
  }));
  const origins: { field: string; from: string }[] = [];
  const merged = <T>(name: keyof typeof RECORDING_MERGE, { of, combine, measure }: Field<T>): T | undefined => {
    const given = asking.flatMap((each) => {
      const value = of(each);
      return value === undefined ? [] : [{ name: each.name, value, measure: measure(value) }];
    });
    const least = Math.min(...given.map((each) => each.measure));
    const origin = given.find((each) => each.measure === least);
    const neutral = NEUTRAL.get(name);
    if (origin !== undefined && (neutral === undefined || JSON.stringify(origin.value) !== neutral))
      origins.push({ field: `recording.${name}`, from: `RecordingPolicy/${origin.name}` });
    return given.map(({ value }) => value).reduce<T | undefined>((a, b) => (a === undefined ? b : combine(a, b)), undefined);
  };
  const recording = rulesFrom(merged);
  const changes = timed.flatMap(({ nextChangeAt }) => (nextChangeAt === undefined ? [] : [nextChangeAt.getTime()]));
  return { recording, origins, nextChangeAt: changes.length === 0 ? undefined : new Date(Math.min(...changes)) };
}

/** What a field is without any policy, as JSON; an origin is told of what differs from that. */
const NEUTRAL: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...NOT_RECORDED,
    retentionDays: FOR_EVER,
    viewers: NOT_RECORDED.viewers.toSorted(),
    'events.input': NOT_RECORDED.events.input,
    'events.clipboard': NOT_RECORDED.events.clipboard,
  }).map(([name, value]) => [name, JSON.stringify(value)]),
);

function rulesFrom(merged: <T>(name: keyof typeof RECORDING_MERGE, field: Field<T>) => T | undefined): RecordingRules {
  const { events, ...none } = NOT_RECORDED;
  const of = RECORDING_MERGE;
  const record = merged('record', of.record) ?? none.record;
  const mode = merged('mode', of.mode) ?? none.mode;
  const framesPerSecond = merged('framesPerSecond', of.framesPerSecond) ?? none.framesPerSecond;
  const segmentSeconds = merged('segmentSeconds', of.segmentSeconds) ?? none.segmentSeconds;
  const maxBytesPerSecond = merged('maxBytesPerSecond', of.maxBytesPerSecond);
  const encryptionKeyRef = merged('encryptionKeyRef', of.encryptionKeyRef);
  const retentionDays = merged('retentionDays', of.retentionDays);
  const legalHold = merged('legalHold', of.legalHold) ?? none.legalHold;
  const viewers = [...plainViewers(merged('viewers', of.viewers) ?? none.viewers)];
  return {
    ...{ record, mode, framesPerSecond, segmentSeconds },
    ...(maxBytesPerSecond === undefined ? {} : { maxBytesPerSecond }),
    ...(encryptionKeyRef === undefined ? {} : { encryptionKeyRef }),
    ...(retentionDays === undefined || retentionDays === FOR_EVER ? {} : { retentionDays }),
    ...{ legalHold, viewers },
    download: merged('download', of.download) ?? none.download,
    stepUp: merged('stepUp', of.stepUp) ?? none.stepUp,
    notifyUser: merged('notifyUser', of.notifyUser) ?? none.notifyUser,
    events: {
      input: merged('events.input', of['events.input']) ?? events.input,
      clipboard: merged('events.clipboard', of['events.clipboard']) ?? events.clipboard,
    },
  };
}
