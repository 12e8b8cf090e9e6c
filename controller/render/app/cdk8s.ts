// Renders a cdk8s app: bundle, run in the sandbox, and give each object and each mistake its place in the user's own files.
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import * as z from 'zod';
import { type ErrorCode, type SourcePosition, StreamSpaceError } from '../../../schemas/errors.ts';
import type { Snapshot } from '../../git/snapshot.ts';
import { type Manifest, manifestOf, type Rendered } from '../manifest.ts';
import type { Cdk8sRenderer } from '../render.ts';
import { turns } from '../turns.ts';
import { at, type JsonValue, parseJson, textAt } from '../yaml/json.ts';
import { type AppBundle, bundleApp, type ReadOutside, SOURCE_PREFIX } from './app-bundle.ts';
import { runSandbox, SANDBOX_LIMITS, type SandboxLimits } from './sandbox-run.ts';
import { bundleToolkit, type ToolkitBundle } from './toolkit-bundle.ts';

/** A render takes a processor and up to a gigabyte: few at once. */
const MAX_AT_ONCE = 2;

const failure = z.object({
  name: z.string(),
  message: z.string(),
  stack: z.string(),
  items: z.array(z.object({ path: z.string(), message: z.string(), stack: z.string() })).optional(),
});

export interface Cdk8s {
  readonly render: Cdk8sRenderer;
  /** Bundles the toolkit, so that the first render need not. */
  warm(): Promise<unknown>;
}

/** @param options.directory for bundles and runs; may be deleted at any time */
export function createCdk8sRenderer(options: { readonly directory: string; readonly limits?: SandboxLimits }): Cdk8s {
  const { directory, limits = SANDBOX_LIMITS } = options;
  let toolkit: Promise<ToolkitBundle> | undefined;
  const bundled = (): Promise<ToolkitBundle> => {
    toolkit ??= bundleToolkit(directory).catch((error: unknown) => {
      toolkit = undefined;
      throw error;
    });
    return toolkit;
  };
  const inTurn = turns(MAX_AT_ONCE);
  return {
    warm: bundled,
    render: async (snapshot, entry, signal, outside) =>
      await inTurn(async () => {
        signal.throwIfAborted();
        const { file } = await bundled();
        return await renderApp({ directory, limits, toolkit: file, snapshot, entry, outside, signal });
      }),
  };
}

interface Job {
  readonly directory: string;
  readonly limits: SandboxLimits;
  readonly toolkit: string;
  readonly snapshot: Snapshot;
  readonly entry: string;
  readonly outside: ReadOutside | undefined;
  readonly signal: AbortSignal;
}

async function renderApp(job: Job): Promise<Rendered> {
  const { directory, limits, toolkit, snapshot, entry, outside, signal } = job;
  const bundle = await bundleApp(snapshot, entry, outside);
  const places = new Places(bundle, entry);
  try {
    const { stdout, stderr } = await runSandbox(directory, { toolkit, code: bundle.code }, limits, signal);
    return manifestsOf(stdout, stderr, places, limits);
  } catch (error) {
    if (!(error instanceof StreamSpaceError) || error.position !== undefined) throw error;
    const { stack } = error.facts;
    const position = typeof stack === 'string' ? places.first(stack) : { file: entry };
    throw new StreamSpaceError(error.code, error.message, { position, cause: error });
  }
}

function manifestsOf(stdout: string, stderr: string, places: Places, limits: SandboxLimits): Rendered {
  if (stdout === '') throw new StreamSpaceError('RenderFailed', `it ended without a result${lastLine(stderr)}`);
  if (stdout.length > limits.outputBytes)
    throw new StreamSpaceError('RenderOutputTooLarge', `its manifests have more than ${limits.outputBytes / 1024 / 1024} MiB`);
  const result = parseJson(stdout);
  const error = at(result, 'error');
  if (error !== undefined) throw failureOf(failure.parse(error), places);
  const objects = at(result, 'objects');
  if (!Array.isArray(objects)) throw new StreamSpaceError('RenderFailed', 'its result is no list of objects');
  const warnings = objects.length === 0 ? ['the app synthesised no object: does it end with app.synth()?'] : [];
  const manifests = (objects as readonly JsonValue[]).flatMap((each): readonly Manifest[] => {
    const position = places.first(textAt(each, 'stack') ?? '');
    const manifest = manifestOf(at(each, 'object') ?? null, position, () => position.line);
    if (manifest === undefined)
      throw new StreamSpaceError('ManifestInvalid', 'an ApiObject without apiVersion and kind', { position });
    return [manifest];
  });
  return { manifests, warnings };
}

function failureOf({ name, message, stack, items }: z.infer<typeof failure>, places: Places): StreamSpaceError {
  const position = places.first(stack);
  if (items !== undefined && items.length > 0) {
    const problems = items.map((item) => ({
      code: 'ManifestInvalid' as const,
      message: `${item.path}: ${item.message}`,
      position: places.first(item.stack),
    }));
    const more = problems.length === 1 ? '' : ` (and ${problems.length - 1} more)`;
    return new StreamSpaceError('ManifestInvalid', `${problems[0]?.message}${more}`, {
      facts: { problems },
      position: problems[0]?.position ?? position,
    });
  }
  return new StreamSpaceError(codeOf(name, message), message.slice(0, 2000), { position });
}

function codeOf(name: string, message: string): ErrorCode {
  if (name === 'RenderDenied' || name === 'NotCapable' || /Requires (read|write|net|env|run|sys|ffi|import) access/.test(message))
    return 'RenderDenied';
  return name === 'RenderOutputTooLarge' ? 'RenderOutputTooLarge' : 'RenderFailed';
}

function lastLine(stderr: string): string {
  const line = stderr.trim().split('\n').at(-1) ?? '';
  return line === '' ? '' : `: ${line.slice(0, 500)}`;
}

/** Turns a stack of the sandbox into a place in the user's own files. */
class Places {
  readonly #map: TraceMap;
  readonly #entry: string;

  constructor(bundle: AppBundle, entry: string) {
    this.#map = new TraceMap(bundle.map);
    this.#entry = entry;
  }

  /** The first frame in the user's code; the entry file alone where there is none. */
  first(stack: string): SourcePosition {
    for (const [, line, column] of stack.matchAll(/app\.mjs:(\d+):(\d+)/g)) {
      const found = originalPositionFor(this.#map, { line: Number(line), column: Number(column) - 1 });
      const file = found.source?.slice(found.source.indexOf(SOURCE_PREFIX) + SOURCE_PREFIX.length);
      if (file !== undefined && found.line !== null) return { file, line: found.line, column: (found.column ?? 0) + 1 };
    }
    return { file: this.#entry };
  }
}
