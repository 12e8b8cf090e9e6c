// What the last probe of the cluster's network has found, as it lies in a ConfigMap: the controller writes it, the gateway reads it.
import * as z from 'zod';

export const PROBE_STATES = ['enforced', 'notEnforced', 'notKnown'] as const;
export type ProbeState = (typeof PROBE_STATES)[number];

/** The `data` of the ConfigMap, so all of it is text. */
export const networkProbe = z.object({
  state: z.enum(PROBE_STATES),
  /** For people. */
  reason: z.string(),
  /** That held back the connection, or did not; empty: it did not come so far. */
  node: z.string(),
  checkedAt: z.iso.datetime(),
});
export type NetworkProbe = z.infer<typeof networkProbe>;
