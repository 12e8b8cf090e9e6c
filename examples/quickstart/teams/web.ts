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
    // Acts for the team in pipelines: docs/guides/api-keys.md.
    machines: [{ name: 'ci', role: 'member', description: 'Starts desktops for tests in pipelines.' }],
  });
}
