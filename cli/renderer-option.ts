// The options of every command that renders a folder; the same words as in the spec of a GitSync.
import { type Command, Option } from 'commander';
import type { RenderOptions } from '../controller/render/render.ts';

export interface RendererFlags {
  readonly renderer?: RenderOptions['renderer'];
  readonly entrypoint?: string;
}

export function withRendererOptions(command: Command): Command {
  return command
    .addOption(new Option('--renderer <name>', 'how the folder is rendered (default: Auto)').choices(['Auto', 'Yaml', 'Cdk8s']))
    .option('--entrypoint <file>', 'entry file of a cdk8s app (default: main.ts)');
}

/** @param defaults of the GitSync that is planned for */
export function renderOptions(
  flags: RendererFlags,
  defaults: RenderOptions = { renderer: 'Auto', entrypoint: 'main.ts' },
): RenderOptions {
  return { renderer: flags.renderer ?? defaults.renderer, entrypoint: flags.entrypoint ?? defaults.entrypoint };
}
