// From one status of the supervisor to the next: what there is to say to whoever watches. Pure.
import type { SupervisorStatus, UnitState, UnitStatus } from './supervisor/status.ts';

interface Stage {
  readonly title: string;
  readonly units: readonly string[];
}

const CLUSTER_NODE = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'containerd', 'kubelet'];

/** Units that are told as one, since one is of no use without the others. What is in no stage is a stage of its own. */
const STAGES: readonly Stage[] = [
  { title: 'cluster: one Kubernetes node', units: CLUSTER_NODE },
  { title: 'volumes', units: ['volume-provisioner'] },
  { title: 'network policies', units: ['network-policies'] },
  { title: 'database', units: ['database'] },
  { title: 'sign-in (OpenID Connect)', units: ['identity'] },
  { title: 'Git server', units: ['git'] },
  { title: 'kinds and rights in the cluster', units: ['installation'] },
  { title: 'desktop images', units: ['images'] },
  { title: 'demo people', units: ['people'] },
  { title: 'GitSync of the local repository', units: ['platform-sync'] },
];

const isUp = (state: UnitState): boolean => state === 'ready' || state === 'done' || state === 'degraded';

function stagesOf(status: SupervisorStatus): readonly { readonly title: string; readonly units: readonly UnitStatus[] }[] {
  const staged = new Set(STAGES.flatMap(({ units }) => units));
  const own = status.units.filter(({ name }) => !staged.has(name)).map(({ name }) => ({ title: name, units: [name] }));
  return [...STAGES, ...own]
    .map(({ title, units }) => ({ title, units: status.units.filter(({ name }) => units.includes(name)) }))
    .filter(({ units }) => units.length > 0);
}

/** Titles of the stages whose units are all up. */
function finishedStages(status: SupervisorStatus | undefined): ReadonlySet<string> {
  if (status === undefined) return new Set();
  return new Set(
    stagesOf(status)
      .filter(({ units }) => units.every(({ state }) => isUp(state)))
      .map(({ title }) => title),
  );
}

/** While starting: a line for each stage that is complete now, each new piece of news of a task, and each failure. */
export function startNews(before: SupervisorStatus | undefined, now: SupervisorStatus, elapsedMs: number): readonly string[] {
  const time = `${(elapsedMs / 1000).toFixed(1).padStart(6)} s`;
  const already = finishedStages(before);
  const finished = finishedStages(now);
  const lines: string[] = [];
  for (const unit of now.units) {
    const earlier = before?.units.find(({ name }) => name === unit.name);
    if (unit.detail !== undefined && unit.detail !== earlier?.detail && unit.state === 'starting')
      lines.push(`${time}  ... ${unit.detail}`);
    if (unit.restarts > (earlier?.restarts ?? 0)) lines.push(`${time}  !!! ${unit.lastError ?? unit.name}`);
  }
  for (const title of finished) if (!already.has(title)) lines.push(`${time}  ok  ${title}`);
  return lines;
}

/** Once started: parts that die and come back, and parts whose probe fails. */
export function lifeNews(before: SupervisorStatus, now: SupervisorStatus): readonly string[] {
  return now.units.flatMap((unit) => {
    const earlier = before.units.find(({ name }) => name === unit.name);
    if (earlier === undefined) return [];
    const lines: string[] = [];
    if (unit.restarts > earlier.restarts) lines.push(`!!! ${unit.lastError ?? unit.name}`);
    if (isUp(unit.state) && (!isUp(earlier.state) || unit.restarts > earlier.restarts)) {
      lines.push(`ok  ${unit.name} is back (restart ${unit.restarts})`);
    }
    if (unit.state === 'degraded' && earlier.state === 'ready') lines.push(`!!! ${unit.name} does not answer`);
    return lines;
  });
}
