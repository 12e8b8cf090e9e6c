// What one kind is made of. Its zod schemas are the one source: CRD, types, cdk8s props, docs page and JSON Schema follow
// (`npm run generate`).
import * as z from 'zod';

/** A printer column of the CRD (`kubectl get`). `priority` 1 is shown with `-o wide` only. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description?: string;
  readonly priority?: 0 | 1;
}

/** A CEL rule of `x-kubernetes-validations`, at the root of spec unless `path` says otherwise. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
}

export interface KindDefinition {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
  /** One sentence for docs and `kubectl explain`. */
  readonly description: string;
  readonly columns: readonly PrinterColumn[];
  readonly spec: z.ZodObject;
  readonly status: z.ZodObject;
  /** Rules on the whole spec; rules of one field stand at the field with {@link cel}. */
  readonly rules: readonly CelRule[];
  /** Rules on the whole object, for what `metadata.name` must be. */
  readonly objectRules?: readonly CelRule[];
  /** Reasons that `Ready` and other conditions may have, with what they mean. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const condition = z.object({
  type: z.string().max(316).describe('Name of the condition, `Ready` first.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it is so.'),
  reason: z.string().min(1).max(1024).describe('A stable code (docs/reference/errors.md).'),
  message: z.string().max(32768).describe('What is so, for people.'),
  lastTransitionTime: z.string().meta({ format: 'date-time' }).describe('Since when `status` is what it is.'),
  observedGeneration: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('The generation of the spec that was judged.'),
});
export type Condition = z.infer<typeof condition>;

export const conditions = z
  .array(condition)
  .max(16)
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
  .describe('What is so and why; `Ready` comes first.');

/** Metadata of a Kubernetes object as far as our code reads it. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  /** Who wrote which field, as the API server keeps it. */
  readonly managedFields?: readonly unknown[];
  readonly ownerReferences?: readonly {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
    readonly controller?: boolean;
  }[];
}

export interface KubeObject<Spec, Status> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: Spec;
  readonly status?: Status;
}

/** Rules of one field, as `x-kubernetes-validations` wants them. What a plain value decides is refined in zod as well. */
export function cel(...rules: readonly CelRule[]): { 'x-kubernetes-validations': readonly CelRule[] } {
  return { 'x-kubernetes-validations': rules };
}

/**
 * An object that is written as a whole. Server-side apply makes null of one whose last field leaves it, and the API server refuses
 * that; of an atomic one it makes what is applied.
 */
export const ATOMIC = { 'x-kubernetes-map-type': 'atomic' } as const;

// Shapes that several kinds share.

/** RFC 1123 label. */
export const dnsLabel = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'use lower-case letters, digits and -, and begin and end with a letter or digit');
/** A Kubernetes quantity such as `500m`, `2Gi`. */
export const quantity = z
  .string()
  .min(1)
  .max(32)
  .regex(/^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, 'write a quantity such as 500m, 2 or 2Gi');
/** The same for storage and memory: the toolkit takes a `Size` too. */
export const byteQuantity = quantity.meta({ unit: 'bytes' });
/** A Go duration in h, m, s, such as `30s`, `1h30m`. */
export const duration = z
  .string()
  .min(2)
  .max(32)
  .regex(/^([0-9]+h)?([0-9]+m)?([0-9]+s)?$/, 'write a duration such as 30s, 5m or 1h30m')
  .meta({ unit: 'duration' });

/** The generation of the spec that the status speaks of. */
export const observedGeneration = z
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .describe('The generation of the spec that this status speaks of.');
/** RFC 3339, as Kubernetes writes times. */
export const time = z.string().meta({ format: 'date-time' });

/** Milliseconds of a {@link duration}. @throws RangeError for a text that the schema would not admit */
export function durationMs(text: string): number {
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (match === null || text === '') throw new RangeError(`"${text}" is not a duration such as 30s, 5m or 1h30m`);
  const [, hours = '0', minutes = '0', seconds = '0'] = match;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}
