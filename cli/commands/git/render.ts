// `streamspace render`: what a sync of this folder would want in the cluster.
import { stringify } from 'yaml';
import { parseJson, writeJson } from '../../../controller/render/yaml/json.ts';
import { formatPosition } from '../../../schemas/errors.ts';
import type { Register } from '../../command.ts';
import { renderFolder } from '../../local-render.ts';
import { type RendererFlags, renderOptions, withRendererOptions } from '../../renderer-option.ts';

interface Flags extends RendererFlags {
  readonly json?: true;
}

export const registerRender: Register = (program, context) => {
  withRendererOptions(
    program.command('render <dir>').description('print the manifests that a folder gives, as a sync renders it'),
  )
    .option('--json', 'as one List in JSON')
    .action(async (dir: string, flags: Flags) => {
      const outcomes = await renderFolder(dir, renderOptions(flags), context);
      const failed = outcomes.find(({ failure }) => failure !== undefined);
      if (failed?.failure !== undefined) throw failed.failure.error;
      const manifests = outcomes.flatMap((each) => each.manifests);
      const warnings = outcomes.flatMap((each) => each.warnings);
      for (const warning of warnings) context.stderr.write(`warning: ${warning}\n`);
      if (flags.json === true) {
        const items = manifests.map(({ object }) => object);
        context.stdout.write(`${writeJson({ apiVersion: 'v1', kind: 'List', items })}\n`);
        return;
      }
      for (const { object, position } of manifests) {
        // As YAML 1.1, so that kubectl reads back a text `yes` as a text.
        const text = stringify(parseJson(writeJson(object)), { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
        context.stdout.write(`---\n# ${formatPosition(position)}\n${text}`);
      }
    });
};
