// NetworkProfile: where desktops may connect to. Rendered into NetworkPolicies; what those cannot say has no field here.
import * as z from 'zod';
import { parseAddress, parseCidr } from '../cidr.ts';
import { ATOMIC, cel, dnsLabel, type KindDefinition, type KubeObject } from '../kind.ts';
import { policyStatus } from './policy.ts';

const NOT_A_CIDR = 'write a block such as 203.0.113.0/24 or 2001:db8::/32, with no bits set after the prefix';
const NOT_AN_ADDRESS = 'write an IPv4 or IPv6 address';
const ONE_TARGET = 'give exactly one of cidr and namespace';
const PODS_OF_NAMESPACE = 'pods goes with namespace';
const PORT_ORDER = 'endPort is not below port';

const labelValue = z
  .string()
  .max(63)
  .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/, 'write a label value');
const labelKey = z
  .string()
  .max(317)
  .regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/, 'write a label key');

const allowedPort = z
  .object({
    port: z.int().min(1).max(65535).describe('The port, or the first of a range.'),
    endPort: z.int().min(1).max(65535).optional().describe('The last of the range. Left out: the one port.'),
    protocol: z.enum(['TCP', 'UDP']).default('TCP').describe('The protocol.'),
  })
  .refine(({ port, endPort }) => endPort === undefined || endPort >= port, PORT_ORDER)
  .meta(cel({ rule: '!has(self.endPort) || self.endPort >= self.port', message: PORT_ORDER }));

export const allowedTarget = z
  .object({
    cidr: z
      .string()
      .min(4)
      .max(49)
      .refine((text) => parseCidr(text) !== undefined, NOT_A_CIDR)
      .meta(cel({ rule: 'isCIDR(self) && cidr(self) == cidr(self).masked()', message: NOT_A_CIDR }))
      .optional()
      .describe(
        'A block of addresses. A private block is opened only by an entry that lies in it: 0.0.0.0/0 does not open 10.0.0.0/8.',
      ),
    namespace: dnsLabel.optional().describe('The pods of a namespace of the cluster, such as that of another team.'),
    pods: z
      .array(z.object({ label: labelKey.describe('Key of the label.'), value: labelValue.describe('Its value.') }))
      .min(1)
      .max(8)
      .optional()
      .describe('Only those of its pods that have all of these labels.'),
    ports: z.array(allowedPort).min(1).max(16).optional().describe('Only these ports. Left out: all ports, and all protocols.'),
  })
  .refine(({ cidr, namespace }) => (cidr === undefined) !== (namespace === undefined), ONE_TARGET)
  .refine(({ namespace, pods }) => pods === undefined || namespace !== undefined, PODS_OF_NAMESPACE)
  .meta(
    cel(
      { rule: 'has(self.cidr) != has(self.__namespace__)', message: ONE_TARGET },
      { rule: '!has(self.pods) || has(self.__namespace__)', message: PODS_OF_NAMESPACE },
    ),
  );

const ALLOW_FOR_LIST = 'mode AllowList needs allow';
const NO_ALLOW = 'mode Deny takes no allow';
const RESOLVER_FOR = 'resolver goes with mode Resolver, and it needs one';

export const networkEgress = z
  .object({
    mode: z
      .enum(['Deny', 'AllowList', 'Internet'])
      .describe('`Deny`: nowhere. `AllowList`: where `allow` says. `Internet`: all public addresses, and where `allow` says.'),
    allow: z.array(allowedTarget).max(32).optional().describe('Where to; each entry opens further.'),
  })
  .refine(({ mode, allow = [] }) => mode !== 'AllowList' || allow.length > 0, ALLOW_FOR_LIST)
  .refine(({ mode, allow = [] }) => mode !== 'Deny' || allow.length === 0, NO_ALLOW)
  .meta({
    ...ATOMIC,
    ...cel(
      { rule: "self.mode != 'AllowList' || (has(self.allow) && self.allow.size() > 0)", message: ALLOW_FOR_LIST },
      { rule: "self.mode != 'Deny' || !has(self.allow) || self.allow.size() == 0", message: NO_ALLOW },
    ),
  });

export const networkDns = z
  .object({
    mode: z
      .enum(['None', 'Cluster', 'Resolver'])
      .describe(
        '`None`: names are not resolved. `Cluster`: by the DNS of the cluster (pods with the label `k8s-app: kube-dns` in `kube-system`). `Resolver`: by `resolver` alone.',
      ),
    resolver: z
      .string()
      .min(2)
      .max(45)
      .refine((text) => parseAddress(text) !== undefined, NOT_AN_ADDRESS)
      .meta(cel({ rule: 'isIP(self)', message: NOT_AN_ADDRESS }))
      .optional()
      .describe('The address of a DNS server, asked on port 53 by UDP and TCP.'),
  })
  .refine(({ mode, resolver }) => (mode === 'Resolver') === (resolver !== undefined), RESOLVER_FOR)
  .meta({ ...ATOMIC, ...cel({ rule: "(self.mode == 'Resolver') == has(self.resolver)", message: RESOLVER_FOR }) });

export const networkProfileSpec = z
  .object({
    egress: networkEgress.optional().describe('Where desktops may connect to. Left out: this profile does not limit it.'),
    dns: networkDns.optional().describe('How desktops resolve names. Left out: this profile does not limit it.'),
  })
  .meta(ATOMIC);

/** What the profiles come to for one session. */
export const effectiveNetwork = z
  .object({
    egress: z.enum(['Deny', 'AllowList', 'Internet']).describe('The most restrictive mode; `Deny` where nothing is left.'),
    dns: networkDns.describe('How it resolves names.'),
    policies: z
      .array(z.string().max(253).describe('Name of a NetworkPolicy in the namespace of the session.'))
      .max(8)
      .describe('Which NetworkPolicies of ours select its pod.'),
  })
  .describe('Where it may connect to. Left out: neither its team nor its template names a NetworkProfile; nowhere.');
export type EffectiveNetwork = z.infer<typeof effectiveNetwork>;

export type AllowedPort = z.infer<typeof allowedPort>;
export type AllowedTarget = z.infer<typeof allowedTarget>;
export type NetworkDns = z.infer<typeof networkDns>;
export type NetworkProfileSpec = z.infer<typeof networkProfileSpec>;
/** Unlike the policies it is named by what it applies to. */
export type NetworkProfile = KubeObject<NetworkProfileSpec & { readonly targets?: never }, z.infer<typeof policyStatus>>;

export const networkProfileKind: KindDefinition = {
  kind: 'NetworkProfile',
  plural: 'networkprofiles',
  singular: 'networkprofile',
  shortNames: ['netprof'],
  scope: 'Namespaced',
  description:
    "Where desktops may connect to, and how they resolve names. Named by Teams and Templates: of that name, the one in the namespace streamspace and the one in the team's namespace apply both, and the most restrictive wins.",
  spec: networkProfileSpec,
  status: policyStatus,
  rules: [],
  objectRules: [
    {
      rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
      message: 'a label carries the name of a profile: use at most 63 letters, digits and -',
      fieldPath: '.metadata.name',
    },
  ],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Egress', type: 'string', jsonPath: '.spec.egress.mode' },
    { name: 'DNS', type: 'string', jsonPath: '.spec.dns.mode' },
    { name: 'Sessions', type: 'integer', jsonPath: '.status.sessions' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: {
    Ready: {
      Accepted: 'It applies where Teams and Templates name it.',
      PolicyInvalid: 'An entry of it opens nothing, because no desktop may ever connect there; the message names it.',
      PolicyUnreached: 'Its namespace is neither `streamspace` nor that of a team: it applies to no session.',
    },
  },
};
