// Rules about fields of objects: which objects, and which of their fields.
import * as z from 'zod';
import { cel, dnsLabel } from './kind.ts';

/** What makes an object this object; `*` would take it along. The same text is a rule of CEL. */
const IDENTITY = '^/([*].*|apiVersion|kind|metadata(/([*]|name|namespace))?)$';
const IDENTITY_WORDS = 'name a field below spec, data, metadata/labels and the like; what identifies the object cannot be meant';

/** A JSON Pointer (RFC 6901) in which `*` stands for every member of a list or mapping. */
export const fieldPointer = z
  .string()
  .min(2)
  .max(512)
  .regex(/^(\/([^~/]|~[01])+)+$/, 'write a JSON pointer such as /spec/replicas; ~1 stands for a slash within a name')
  .refine((text) => !new RegExp(IDENTITY).test(text), IDENTITY_WORDS)
  .meta(cel({ rule: `!self.matches('${IDENTITY}')`, message: IDENTITY_WORDS }));

export const fieldRule = z.object({
  group: z.string().max(253).optional().describe('API group of the objects; empty for the core group. Left out: any.'),
  kind: z.string().min(1).max(63).optional().describe('Kind of the objects. Left out: any.'),
  namespace: dnsLabel.optional().describe('Namespace of the objects. Left out: any.'),
  name: z.string().min(1).max(253).optional().describe('Name of the object. Left out: any.'),
  fields: z
    .array(fieldPointer.describe('Such as `/spec/replicas` or `/spec/template/spec/containers/*/image`.'))
    .min(1)
    .max(32)
    .describe('JSON pointers; `*` stands for every member of a list or mapping.'),
});

export type FieldRule = z.infer<typeof fieldRule>;
