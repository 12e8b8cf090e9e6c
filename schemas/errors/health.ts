// Codes of: findings of the health page that are no error of a single request.
import type { ErrorEntry } from './entry.ts';

export const HEALTH_ERRORS = {
  DatabaseSlow: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Look at load, disk and locks of the database server, and at the network between it and the gateway.',
  },
  ClusterSlow: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Look at load and etcd of the API server: sign-ins, launches and lists wait for its answers.',
  },
  ClockSkewed: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Set the clocks by NTP on both machines: ends of sign-ins, keys, shares and sessions depend on them.',
  },
  ControllerAway: {
    category: 'unavailable',
    retry: 'backoff',
    remedy:
      'See whether the pod of the controller runs and reaches the API server: until then nothing is synced, no session starts or ends.',
  },
  PublicUrlUnreachable: {
    category: 'unavailable',
    retry: 'backoff',
    remedy:
      'Correct --public-url, or the DNS record, proxy or certificate that the message names. The gateway has to reach its own address, too.',
  },
  PublicUrlElsewhere: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Set --public-url to the address that people use, without a path, and let the proxy send it to this gateway.',
  },
  PublicUrlInsecure: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Serve it over https: browsers give clipboard, passkeys and several screens to secure pages alone.',
  },
  WebSocketBlocked: {
    category: 'unavailable',
    retry: 'never',
    remedy:
      'Let the proxy pass WebSocket upgrades (HTTP/1.1, headers Upgrade and Connection) for /api/v1, and wait an hour before it closes idle ones.',
  },
  ProxyNotTrusted: {
    category: 'invalid',
    retry: 'never',
    remedy:
      'Name the proxy in --trusted-proxies: else everybody seems to come from its address, in the audit log and when an address is banned.',
  },
  NetworkPolicyNotKnown: {
    category: 'unavailable',
    retry: 'backoff',
    remedy:
      'Run the controller in a pod of the namespace streamspace with a network of its own, under the name that --pod-name says; docs/guides/network-isolation.md says what else a probe needs.',
  },
  SealKeyMissing: {
    category: 'invalid',
    retry: 'never',
    remedy:
      'Set STREAMSPACE_SEAL_KEY: without it groups stay those of the last sign-in, and nobody can enrol a one-time password.',
  },
} as const satisfies Record<string, ErrorEntry>;
