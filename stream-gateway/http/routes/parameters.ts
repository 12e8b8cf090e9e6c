// Parts of addresses that several routes share. What does not fit is refused before it gets near a path of the API server.
import * as z from 'zod';
import { dnsLabel } from '../../../schemas/kinds/kind.ts';

/** RFC 1123 subdomain: what the API server takes as the name of an object. */
const objectName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, 'write lower-case letters, digits, - and .');

export const inNamespace = z.object({ namespace: dnsLabel });
export const objectPath = z.object({ namespace: dnsLabel, name: objectName });

export const watchQuery = z.object({
  resourceVersion: z.string().max(64).optional().describe('With text/event-stream: begin after this version.'),
});
export const pageQuery = watchQuery.extend({
  limit: z.coerce.number().int().min(1).max(500).optional().describe('Objects a page. Left out: all.'),
  continue: z.string().max(4096).optional().describe('`metadata.continue` of the page before.'),
});
