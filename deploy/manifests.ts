// What an installation needs in a cluster before its processes start: `streamspace up` and `streamspace install` apply it.
import type { KubeObjectJson } from '../runtime/kube/types.ts';
import { crdOf } from '../schemas/generate/crd.ts';
import { KINDS } from '../schemas/kinds/all.ts';
import { PRIORITY_VALUE, priorityClassName, type SessionPriority, sessionPriority } from '../schemas/kinds/priority.ts';
import {
  AUDITORS_GROUP,
  AUTHENTICATED_GROUP,
  DEFAULT_SYNC_SERVICE_ACCOUNT,
  GROUP_PREFIX,
  PLATFORM_ADMINS_GROUP,
  SYSTEM_NAMESPACE,
} from '../schemas/names.ts';
import { AUTHENTICATED_RULES, PLATFORM_ROLE_RULES } from '../schemas/rights.ts';
import { CONTROLLER_ACCOUNT } from './access-admission.ts';
import { admissionManifests, GATEWAY_ACCOUNT } from './admission.ts';
import { CONTROLLER_RULES, CONTROLLER_SYSTEM_RULES, GATEWAY_RULES, GATEWAY_SYSTEM_RULES } from './process-rights.ts';
import { clusterRole, clusterRoleBinding, group, MANAGED, role, serviceAccount } from './role-objects.ts';

const CONTROLLER = CONTROLLER_ACCOUNT;
const GATEWAY = GATEWAY_ACCOUNT;
const SYNC = DEFAULT_SYNC_SERVICE_ACCOUNT;

/** Pods here run as the processes do: without root and without privileges. */
function systemNamespace(): KubeObjectJson {
  const level = (mode: string): Readonly<Record<string, string>> => ({
    [`pod-security.kubernetes.io/${mode}`]: 'restricted',
    [`pod-security.kubernetes.io/${mode}-version`]: 'latest',
  });
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: SYSTEM_NAMESPACE, labels: { ...MANAGED, ...level('enforce'), ...level('audit'), ...level('warn') } },
  };
}

function serviceAccountObject(name: string): KubeObjectJson {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: SYSTEM_NAMESPACE, labels: MANAGED } };
}

/** Of the pods of desktops. None takes the place of a pod that runs: nobody's desktop is ended for somebody else's. */
function priorityClass(priority: SessionPriority): KubeObjectJson {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: priorityClassName(priority), labels: MANAGED },
    value: PRIORITY_VALUE[priority],
    preemptionPolicy: 'Never',
    globalDefault: false,
    description: `Desktops of StreamSpace with the priority ${priority}.`,
  };
}

/** In the order in which they can be applied; the same value every time. */
export function installationManifests(): readonly KubeObjectJson[] {
  return [
    ...KINDS.map((kind): KubeObjectJson => ({ ...crdOf(kind) })),
    systemNamespace(),
    ...sessionPriority.options.map(priorityClass),
    ...[CONTROLLER, GATEWAY, SYNC].map(serviceAccountObject),
    ...clusterRole(CONTROLLER, CONTROLLER_RULES, serviceAccount(CONTROLLER)),
    ...role(CONTROLLER, CONTROLLER_SYSTEM_RULES, serviceAccount(CONTROLLER)),
    ...clusterRole(GATEWAY, GATEWAY_RULES, serviceAccount(GATEWAY)),
    ...role(GATEWAY, GATEWAY_SYSTEM_RULES, serviceAccount(GATEWAY)),
    // The platform's own repository may hold anything, CRDs and rights included, so its account is the cluster's admin. Who may
    // push there is admin of the cluster. A team's GitSync lives in the team's namespace and uses an account of that namespace.
    clusterRoleBinding(SYNC, 'cluster-admin', serviceAccount(SYNC)),
    ...clusterRole('streamspace-platform-admin', PLATFORM_ROLE_RULES.platformAdmin, group(GROUP_PREFIX + PLATFORM_ADMINS_GROUP)),
    ...clusterRole('streamspace-auditor', PLATFORM_ROLE_RULES.auditor, group(GROUP_PREFIX + AUDITORS_GROUP)),
    ...role('streamspace-authenticated', AUTHENTICATED_RULES, group(AUTHENTICATED_GROUP)),
    ...admissionManifests(),
  ];
}
