// The options of every command that renders a folder; the same words as in the spec of a GitSync.
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { RenderSpec } from '../controller/render/unit.ts';
import type { GitSyncSpec } from '../schemas/kinds/git-sync/git-sync.ts';
import { gitSyncSpec } from '../schemas/kinds/git-sync/git-sync-spec.ts';

type UnitOption = NonNullable<GitSyncSpec['units']>[number];

export interface RendererFlags {
  readonly renderer?: RenderSpec['renderer'];
  readonly entrypoint?: string;
  readonly unit?: readonly UnitOption[];
}

const { renderer } = gitSyncSpec.shape;

export function withRendererOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--renderer <name>', 'how the folder is rendered (default: Auto)').choices([...renderer.unwrap().options]),
    )
    .option('--entrypoint <file>', 'entry file of a cdk8s app (default: main.ts)')
    .option('--unit <name=path>', 'a unit of the GitSync, below the folder; once for each', addUnit);
}

function addUnit(text: string, before: readonly UnitOption[] = []): readonly UnitOption[] {
  const [, name, path] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || path === undefined) throw new InvalidArgumentError('write NAME=PATH');
  if (before.some((each) => each.name === name)) throw new InvalidArgumentError(`there are two units called ${name}`);
  return [...before, { name, path }];
}

/** @param sync the GitSync that is planned for; its units are those of the folder, its path is the folder itself */
export function renderOptions(flags: RendererFlags, sync?: RenderSpec): RenderSpec {
  const units = flags.unit ?? sync?.units;
  return {
    path: '.',
    renderer: flags.renderer ?? sync?.renderer ?? 'Auto',
    entrypoint: flags.entrypoint ?? sync?.entrypoint ?? 'main.ts',
    allowEmpty: sync?.allowEmpty ?? true,
    ...(units === undefined ? {} : { units: [...units] }),
  };
}
