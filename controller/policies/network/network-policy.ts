// The part of a NetworkPolicy (networking.k8s.io/v1) that decides, as our code writes and reads it.
import * as z from 'zod';

const labelSelector = z.object({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z
    .array(
      z.object({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});

const peer = z.object({
  ipBlock: z.object({ cidr: z.string(), except: z.array(z.string()).optional() }).optional(),
  namespaceSelector: labelSelector.optional(),
  podSelector: labelSelector.optional(),
});

const port = z.object({
  protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
  /** A name is a port of the pod that is connected to. */
  port: z.union([z.int(), z.string()]).optional(),
  endPort: z.int().optional(),
});

const rule = z.object({ to: z.array(peer).optional(), from: z.array(peer).optional(), ports: z.array(port).optional() });

export const networkPolicySpec = z.object({
  podSelector: labelSelector,
  policyTypes: z.array(z.enum(['Ingress', 'Egress'])).optional(),
  ingress: z.array(rule).optional(),
  egress: z.array(rule).optional(),
});

export type LabelSelector = z.infer<typeof labelSelector>;
export type PolicyPeer = z.infer<typeof peer>;
export type PolicyPort = z.infer<typeof port>;
export type PolicyRule = z.infer<typeof rule>;
export type NetworkPolicySpec = z.infer<typeof networkPolicySpec>;
