// Which objects a session wants. Pure: the same session and template give the same objects.
import type { V1PersistentVolumeClaimSpec, V1ServiceSpec, V1StatefulSetSpec } from '@kubernetes/client-node';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { Resource } from '../../../runtime/kube/types.ts';
import type { SessionPriority } from '../../../schemas/kinds/priority.ts';
import type { Session } from '../../../schemas/kinds/sessions/session.ts';
import type { Template } from '../../../schemas/kinds/template.ts';
import { API_GROUP, API_GROUP_VERSION, kubernetesUser, LABELS, MANAGED_BY } from '../../../schemas/names.ts';
import { SESSION_OWNER_VERBS } from '../../../schemas/rights.ts';
import type { Wanted } from '../wanted.ts';
import { type PodDns, podSpec } from './pod.ts';
import type { DesktopSecret } from './secret.ts';

const RBAC = 'rbac.authorization.k8s.io';

export const homeName = (session: string): string => `${session}-home`;
export const passwordName = (session: string): string => `${session}-vnc`;
const ownerRoleName = (session: string): string => `${session}-owner`;

/** As the schema has it: a StatefulSet's pods carry the name in a label of 63 characters, with a dash and a hash of 10. */
export const SESSION_NAME_MAX = 50;

/** A name that Service, StatefulSet and pod can all carry (RFC 1035 label). */
export function isSessionName(name: string): boolean {
  return name.length <= SESSION_NAME_MAX && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name);
}

export function sessionLabels(session: string): Readonly<Record<string, string>> {
  return { [LABELS.session]: session, [LABELS.component]: 'desktop', [LABELS.managedBy]: MANAGED_BY };
}

/** What NetworkPolicies select it by stays with it until it ends. */
function podLabels(session: string, { spec: { network } }: Template): Readonly<Record<string, string>> {
  return { ...sessionLabels(session), ...(network === undefined ? {} : { [LABELS.network]: network }) };
}

/** In the order in which they are made. Needed as long as the session exists, also as a record: its owner may see and delete it. */
export function ownerObjects(session: Session): readonly Wanted[] {
  const { name } = session.metadata;
  const rules = [{ apiGroups: [API_GROUP], resources: ['sessions'], resourceNames: [name], verbs: SESSION_OWNER_VERBS }];
  const roleRef = { apiGroup: RBAC, kind: 'Role', name: ownerRoleName(name) };
  const subjects = [{ apiGroup: RBAC, kind: 'User', name: kubernetesUser(session.spec.owner) }];
  return [
    wanted(session, RESOURCES.roles, `${RBAC}/v1`, ownerRoleName(name), { rules }),
    wanted(session, RESOURCES.roleBindings, `${RBAC}/v1`, ownerRoleName(name), { roleRef, subjects }),
  ];
}

/** What must be there before the desktop starts. Home and secret are made once and never touched again. */
export function storedObjects(session: Session, template: Template, newSecret: () => Promise<DesktopSecret>): readonly Wanted[] {
  const { name } = session.metadata;
  const { size = '1Gi', storageClassName } = template.spec.home ?? {};
  const claim: V1PersistentVolumeClaimSpec = {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: size } },
    ...(storageClassName === undefined ? {} : { storageClassName }),
  };
  return [
    { ...wanted(session, RESOURCES.persistentVolumeClaims, 'v1', homeName(name), { spec: claim }), mode: 'once' },
    {
      ...wanted(session, RESOURCES.secrets, 'v1', passwordName(name), { type: 'Opaque', immutable: true }),
      mode: 'once',
      atCreation: async () => ({ data: await newSecret() }),
    },
  ];
}

export interface DesktopRun {
  /** 0 while hibernated. */
  readonly replicas: 0 | 1;
  readonly dns: PodDns;
  readonly priority: SessionPriority;
}

/** The StatefulSet and the Service that it needs. */
export function desktopObjects(session: Session, template: Template, { replicas, dns, priority }: DesktopRun): readonly Wanted[] {
  const { name } = session.metadata;
  const port = template.spec.desktop?.port ?? 5900;
  const selector = { [LABELS.session]: name };
  const service: V1ServiceSpec = {
    clusterIP: 'None',
    publishNotReadyAddresses: true,
    selector,
    ports: [{ name: 'rfb', port, targetPort: 'rfb' }],
  };
  const statefulSet: V1StatefulSetSpec = {
    replicas,
    serviceName: name,
    podManagementPolicy: 'Parallel',
    // A template that changes must not restart a desktop that somebody sits at: it counts at the next start.
    updateStrategy: { type: 'OnDelete' },
    revisionHistoryLimit: 1,
    selector: { matchLabels: selector },
    template: {
      metadata: { labels: podLabels(name, template) },
      spec: podSpec(template, { homeClaim: homeName(name), passwordSecret: passwordName(name), dns, priority }),
    },
  };
  return [
    wanted(session, RESOURCES.services, 'v1', name, { spec: service }),
    wanted(session, RESOURCES.statefulSets, 'apps/v1', name, { spec: statefulSet }),
  ];
}

function wanted(session: Session, resource: Resource, apiVersion: string, name: string, fields: object): Wanted {
  const { name: sessionName, namespace = '', uid = '' } = session.metadata;
  const owner = { apiVersion: API_GROUP_VERSION, kind: 'Session', name: sessionName, uid, controller: true };
  return {
    resource,
    mode: 'keep',
    manifest: {
      apiVersion,
      kind: resource.kind,
      // The owner reference takes everything away with the session, also while no controller runs.
      metadata: { name, namespace, labels: sessionLabels(sessionName), ownerReferences: [owner] },
      ...fields,
    },
  };
}
