import { type Chart, Size } from 'cdk8s';
import { Template } from 'streamspace/cdk8s';

export default function terminal(chart: Chart): void {
  new Template(chart, 'terminal', {
    displayName: 'Terminal',
    summary: 'A quiet desktop with a terminal, Git and an editor.',
    icon: 'terminal',
    categories: ['Development'],
    tags: ['bash', 'git', 'shell'],
    featured: true,
    image: 'localhost/streamspace/terminal:0.1.0',
    desktop: { tls: 'Required' },
    resources: { cpu: '100m', memory: Size.mebibytes(256), memoryLimit: Size.gibibytes(1) },
    home: { size: Size.gibibytes(1) },
  });
}
