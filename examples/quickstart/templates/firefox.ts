import { type Chart, Size } from 'cdk8s';
import { Template } from 'streamspace/cdk8s';

export default function firefox(chart: Chart): void {
  new Template(chart, 'firefox', {
    displayName: 'Firefox',
    summary: 'A browser of its own, apart from the one on your machine.',
    icon: 'browser',
    categories: ['Browsers'],
    tags: ['web', 'internet'],
    image: 'localhost/streamspace/firefox:0.1.0',
    desktop: { width: 1440, height: 900, tls: 'Required' },
    resources: { cpu: '250m', memory: Size.mebibytes(768), memoryLimit: Size.gibibytes(2) },
    home: { size: Size.gibibytes(2) },
    links: [{ title: 'Firefox ESR', url: 'https://www.mozilla.org/firefox/enterprise/' }],
  });
}
