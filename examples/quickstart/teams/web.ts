import type { Chart } from 'cdk8s';
import { Team } from 'streamspace/cdk8s';

export default function web(chart: Chart): void {
  new Team(chart, 'web', {
    displayName: 'Web',
    namespace: 'team-web',
    members: [
      { user: 'lead', role: 'admin' },
      { user: 'member', role: 'member' },
      { user: 'viewer', role: 'viewer' },
    ],
  });
}
