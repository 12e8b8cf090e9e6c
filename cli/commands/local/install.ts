// `streamspace install`: the manifests of an installation, to be read and piped into kubectl.
import { stringify } from 'yaml';
import { installationManifests } from '../../../deploy/manifests.ts';
import type { Register } from '../../command.ts';

export const registerInstall: Register = (program, { stdout }) => {
  program
    .command('install')
    .description('print what an installation needs in a cluster, for `kubectl apply --server-side -f -`')
    .option('--json', 'as one List in JSON')
    .action((options: { readonly json?: true }) => {
      const manifests = installationManifests();
      if (options.json) {
        stdout.write(`${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }, null, 2)}\n`);
        return;
      }
      for (const manifest of manifests) {
        stdout.write(`---\n${stringify(manifest, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })}`);
      }
    });
};
