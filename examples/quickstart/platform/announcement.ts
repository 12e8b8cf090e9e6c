import type { Chart } from 'cdk8s';
import { ApiResource, ConfigMap, Role, RoleBinding, ServiceAccount } from 'cdk8s-plus-27';

/** Ordinary Kubernetes objects stand beside ours: a text, and an account that may read it and nothing else. */
export default function announcement(chart: Chart): void {
  new ConfigMap(chart, 'announcement', {
    metadata: { name: 'announcement' },
    data: {
      title: 'Welcome',
      text: 'Desktops are defined in Git. Open a pull request to change one.',
    },
  });

  const metadata = { name: 'announcement-reader' };
  const reader = new ServiceAccount(chart, 'reader', { metadata });
  const role = new Role(chart, 'role', { metadata });
  role.allow(['get', 'list', 'watch'], ApiResource.CONFIG_MAPS);
  new RoleBinding(chart, 'binding', { metadata, role }).addSubjects(reader);
}
