// Every file below platform/, teams/ and templates/ adds its objects: to add a desktop, add a file.
import { App, Chart } from 'cdk8s';
import type { GlobModules } from 'streamspace/cdk8s';

interface Part {
  readonly default: (chart: Chart) => void;
}

const app = new App();

/** A chart for each folder, so that a team and a template may have the same name. */
function addAll(folder: string, parts: GlobModules<Part>): void {
  const chart = new Chart(app, folder, { namespace: 'streamspace', disableResourceNameHashes: true });
  for (const part of Object.values(parts)) part.default(chart);
}

addAll('platform', import.meta.glob('./platform/*.ts', { eager: true }));
addAll('teams', import.meta.glob('./teams/*.ts', { eager: true }));
addAll('templates', import.meta.glob('./templates/*.ts', { eager: true }));

app.synth();
