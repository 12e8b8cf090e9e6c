// Renders a folder for the command, with the very code that a sync renders a commit with.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { treeOfFolder } from '../controller/git/folder.ts';
import { renderUnits, type UnitOutcome } from '../controller/reconcile/git-sync/units.ts';
import { createCdk8sRenderer } from '../controller/render/app/cdk8s.ts';
import { KeptRenders } from '../controller/render/kept-renders.ts';
import { createKustomizeRenderer } from '../controller/render/kustomize/kustomize.ts';
import { createUnitRenderer } from '../controller/render/render.ts';
import type { RenderSpec } from '../controller/render/unit.ts';
import { programFolders } from '../local/cluster/layout.ts';
import { cacheFolder } from '../local/state/state.ts';
import { findProgram } from '../runtime/config/program.ts';
import { type SourcePosition, StreamSpaceError } from '../schemas/errors.ts';
import type { CliContext } from './command.ts';

/**
 * Every unit of a folder, positions relative to it. What it reads may lie beside it, in the same repository.
 * @throws the mistake of a folder that is the one unit
 */
export async function renderFolder(folder: string, options: RenderSpec, context: CliContext): Promise<readonly UnitOutcome[]> {
  const dir = path.resolve(context.cwd, folder);
  if (!existsSync(dir)) throw new StreamSpaceError('GitPathNotFound', `there is no folder ${dir}`);
  const root = repositoryOf(dir) ?? dir;
  const base = path.relative(root, dir);
  const below = (each: string): string => path.posix.join(base, each);
  const units = options.units?.map((unit) => ({ ...unit, path: below(unit.path) }));
  const spec = { ...options, path: below(options.path), ...(units === undefined ? {} : { units }) };
  try {
    const outcomes = await renderUnits(rendersOf(context), treeOfFolder(root), spec, 'here', context.signal);
    return base === '' ? outcomes : outcomes.map((outcome) => relocated(outcome, base));
  } catch (error) {
    throw base !== '' && error instanceof StreamSpaceError ? relocatedError(error, base) : error;
  }
}

/** What was rendered before is taken from the cache of the command. */
export function rendersOf({ env, cwd }: CliContext): KeptRenders {
  const cache = cacheFolder(env, cwd);
  const directory = path.join(cache, 'render');
  const own = path.join(programFolders(cache).kubernetes, 'kubectl');
  const program = existsSync(own) ? own : findProgram('kubectl', env['PATH']);
  const renderers = {
    cdk8s: createCdk8sRenderer({ directory }).render,
    kustomize: createKustomizeRenderer({ directory, program }),
  };
  return new KeptRenders({ render: createUnitRenderer(renderers) });
}

/** The root of the Git repository that a folder is in. */
function repositoryOf(folder: string): string | undefined {
  if (existsSync(path.join(folder, '.git'))) return folder;
  const parent = path.dirname(folder);
  return parent === folder ? undefined : repositoryOf(parent);
}

function relocated(outcome: UnitOutcome, base: string): UnitOutcome {
  const { failure, manifests, warnings } = outcome;
  return {
    ...outcome,
    manifests: manifests.map((each) => ({ ...each, position: relative(each.position, base) })),
    warnings: warnings.map((text) => text.replaceAll(`${base}/`, '')),
    ...(failure === undefined ? {} : { failure: { ...failure, error: relocatedError(failure.error, base) } }),
  };
}

function relocatedError(error: StreamSpaceError, base: string): StreamSpaceError {
  const { problems } = error.facts;
  const moved = Array.isArray(problems)
    ? problems.map((each: { readonly position?: SourcePosition }) =>
        each.position === undefined ? each : { ...each, position: relative(each.position, base) },
      )
    : undefined;
  return new StreamSpaceError(error.code, error.message.replaceAll(`${base}/`, ''), {
    facts: { ...error.facts, ...(moved === undefined ? {} : { problems: moved }) },
    cause: error.cause,
    ...(error.position === undefined ? {} : { position: relative(error.position, base) }),
  });
}

function relative(position: SourcePosition, base: string): SourcePosition {
  return { ...position, file: path.posix.relative(base, position.file) };
}
