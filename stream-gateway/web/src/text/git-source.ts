// Words of the page of one Git source: what it does now, where it comes from and when it is written.
import type { SyncTab } from '../routes/search.ts';

const tabs: Readonly<Record<SyncTab, string>> = { overview: 'Overview', objects: 'Objects', plan: 'Plan', history: 'History' };

export const gitSource = {
  tabs,
  tabsLabel: 'Parts of this source',
  now: {
    title: 'Now',
    phases: {
      Resolving: 'Asks what the ref points to',
      Fetching: 'Fetches the commit',
      Rendering: 'Renders',
      Validating: 'Checks the manifests',
      Planning: 'Plans',
      Applying: 'Applies',
      WaitingForHealth: 'Waits until everything is healthy',
      Pruning: 'Deletes what left Git',
    },
    of: (done: number, total: number) => `${done} of ${total}`,
    progress: 'Progress of this stage',
    since: 'for',
    waitsFor: 'Waits for',
  },
  windows: 'Sync windows',
  windowKinds: { Allow: 'Writes', Deny: 'Does not write' },
  windowText: (schedule: string, duration: string, zone: string) => `at ${schedule} (${zone}) for ${duration}`,
  windowManual: 'A sync that somebody asks for passes all the same.',
  units: {
    title: 'Units',
    name: 'Unit',
    state: 'State',
    objects: 'Objects',
    revision: 'Revision',
    problem: 'Problem',
    ready: 'Ready',
    notReady: 'Not ready',
    count: (ready: number, all: number) => `${ready} of ${all} ready`,
  },
  verified: 'Signature',
  verifiedBy: (signer: string, revision: string) => `${revision} is signed by ${signer}`,
  notVerified: 'Required; none found good yet',
  dependsOn: 'Depends on',
  orphans: {
    title: 'In nobody’s Git',
    none: 'Everything in these namespaces stands in Git.',
    count: (count: number) => (count === 1 ? '1 object' : `${count} objects`),
    counted: 'counted',
    more: (count: number) => `and ${count} more`,
    incomplete: 'Not everything could be looked at: too many namespaces, or no answer.',
  },
  filterByAction: 'Action',
  noChangeLikeThat: 'No change is like that.',
  absent: 'not there',
} as const;
