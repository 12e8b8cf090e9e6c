// `streamspace validate`: every mistake of a folder that can be found without a cluster, each with its place.

import { problemsIn } from '../../../controller/reconcile/failures.ts';
import { type Problem, validateManifests } from '../../../controller/validate/validate.ts';
import { formatPosition, StreamSpaceError } from '../../../schemas/errors.ts';
import { SYSTEM_NAMESPACE } from '../../../schemas/names.ts';
import type { CliContext, Register } from '../../command.ts';
import { renderFolder } from '../../local-render.ts';
import { type RendererFlags, renderOptions, withRendererOptions } from '../../renderer-option.ts';

interface Flags extends RendererFlags {
  readonly json?: true;
  readonly namespace: string;
}

interface Findings {
  readonly objects: number;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

export const registerValidate: Register = (program, context) => {
  withRendererOptions(
    program.command('validate <dir>').description('find the mistakes of a folder without a cluster; exit 1 when there are any'),
  )
    .option('-n, --namespace <name>', 'namespace of objects that name none', SYSTEM_NAMESPACE)
    .option('--json', 'print the findings as JSON')
    .action(async (dir: string, flags: Flags) => {
      const findings = await findMistakes(dir, flags, context);
      context.setExitCode(findings.problems.length === 0 ? 0 : 1);
      context.stdout.write(flags.json === true ? `${JSON.stringify(findings, null, 2)}\n` : describe(findings));
    });
};

async function findMistakes(dir: string, flags: Flags, context: CliContext): Promise<Findings> {
  try {
    const outcomes = await renderFolder(dir, renderOptions(flags), context);
    const manifests = outcomes.flatMap((each) => each.manifests);
    const validated = validateManifests(manifests, { defaultNamespace: flags.namespace, served: new Map() });
    const failures = outcomes.flatMap(({ failure }) => (failure === undefined ? [] : problemsIn(failure.error)));
    const warnings = [...outcomes.flatMap((each) => each.warnings), ...validated.warnings];
    return { objects: validated.objects.length, problems: [...failures, ...validated.problems], warnings };
  } catch (error) {
    // A mistake in a file is the answer; a folder that is not there is none.
    if (!(error instanceof StreamSpaceError) || error.position === undefined) throw error;
    return { objects: 0, problems: problemsIn(error), warnings: [] };
  }
}

function describe({ objects, problems, warnings }: Findings): string {
  const lines = [
    ...warnings.map((text) => `warning: ${text}`),
    ...problems.map(
      ({ code, message, position }) => `${position === undefined ? '' : `${formatPosition(position)}: `}${code}: ${message}`,
    ),
    problems.length === 0
      ? `${objects} objects, no mistake`
      : `${problems.length} ${problems.length === 1 ? 'mistake' : 'mistakes'}`,
  ];
  return `${lines.join('\n')}\n`;
}
