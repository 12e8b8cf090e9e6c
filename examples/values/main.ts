// Quotas whose numbers stand in values/quotas.yaml: whoever changes one, by hand or by a change request, needs no TypeScript.
import { App, Chart } from 'cdk8s';
import { Quota, type QuotaFields, values } from 'streamspace/cdk8s';

const files = import.meta.glob<string>('./values/*.yaml', { eager: true, import: 'default' });
const quotas = values<Readonly<Record<string, QuotaFields>>>(files, 'values/quotas.yaml');

const app = new App();
const chart = new Chart(app, 'quotas', { namespace: 'streamspace', disableResourceNameHashes: true });
for (const [name, fields] of Object.entries(quotas)) new Quota(chart, name, fields);
app.synth();
