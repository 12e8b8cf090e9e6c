// What the API server's audit log holds: every request with who, what and outcome; of our kinds the objects, too, for the changed
// fields in ours. Left out is only the heartbeat of the cluster itself, which would be most of the lines and says nothing.
import { KUBERNETES_AUDIT_RULES } from '../../deploy/kubernetes-audit-policy.ts';
import { API_GROUP } from '../../schemas/names.ts';

const COMPONENTS = [
  'system:apiserver',
  'system:kube-controller-manager',
  'system:kube-scheduler',
  'streamspace:volume-provisioner',
];

export const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  omitManagedFields: true,
  rules: [
    {
      level: 'None',
      nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version', '/openapi/*', '/api', '/apis', '/metrics'],
    },
    { level: 'None', resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }] },
    { level: 'None', users: COMPONENTS, verbs: ['get', 'list', 'watch'] },
    { level: 'None', userGroups: ['system:nodes'], verbs: ['get', 'list', 'watch'] },
    { level: 'None', userGroups: ['system:nodes'], resources: [{ group: '', resources: ['nodes/status'] }] },
    // Written by controllers all the time; tests count by whom.
    { level: 'Metadata', resources: [{ group: API_GROUP, resources: ['*/status'] }] },
    ...KUBERNETES_AUDIT_RULES.filter(({ level }) => level !== 'None'),
    { level: 'Metadata' },
  ],
} as const;
