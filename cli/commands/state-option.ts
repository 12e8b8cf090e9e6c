// What every command about the local installation knows of it: the option --state and the folders behind it.
import { Option } from 'commander';
import { cacheFolder, stateFolder } from '../../local/state/state.ts';
import type { CliContext } from '../command.ts';

export interface StateOption {
  readonly state?: string;
}

export function stateOption(): Option {
  return new Option('--state <dir>', 'folder of the installation (default: STREAMSPACE_STATE, else ~/.local/state/streamspace)');
}

export function foldersOf(option: StateOption, context: CliContext): { readonly stateDir: string; readonly cacheDir: string } {
  return {
    stateDir: stateFolder({ flag: option.state, env: context.env, cwd: context.cwd }),
    cacheDir: cacheFolder(context.env, context.cwd),
  };
}
