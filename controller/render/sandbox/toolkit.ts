// Runs inside the sandbox, before the user's code: makes the world small and still, hands out the toolkit, and records what is
// synthesised with the place it was made at. Bundled by toolkit-bundle.ts; nothing of ours imports it.
import { createConsole, createProcess, host } from './still-world.ts';

interface ConstructLike {
  readonly node: NodeLike;
}
interface NodeLike {
  readonly path: string;
  findAll(): readonly ConstructLike[];
  validate(): readonly string[];
}
interface ObjectJson {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly namespace?: string; readonly name?: string };
}
interface Cdk8sLike {
  readonly App: { readonly prototype: { synth(this: ConstructLike): void } };
  readonly ApiObject: { readonly prototype: { toJson(this: ConstructLike): ObjectJson } };
  readonly Yaml: { save(path: string, docs: readonly (ObjectJson | undefined)[]): void };
}
interface ConstructsLike {
  readonly Node: { readonly prototype: { addChild(child: object, name: string): void } };
}

declare const require: (name: string) => unknown;
interface SandboxEvent {
  /** Of `error`. */
  readonly error?: unknown;
  /** Of `unhandledrejection`. */
  readonly reason?: unknown;
  preventDefault(): void;
}
declare const addEventListener: (
  type: 'unload' | 'error' | 'unhandledrejection',
  listener: (event: SandboxEvent) => void,
) => void;

const LIMIT_BYTES = 64 * 1024 * 1024;

const stacks = new WeakMap<object, string>();
const synthesised: { object: ObjectJson; stack: string | undefined }[] = [];
let ended = false;

function stackHere(): string {
  return new Error('here').stack ?? '';
}

function send(result: object): void {
  if (ended) return;
  ended = true;
  const bytes = new TextEncoder().encode(JSON.stringify(result));
  for (let sent = 0; sent < bytes.length; ) sent += host.stdout.writeSync(bytes.subarray(sent));
}

function describe(error: unknown): object {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: '' };
  const { name, message, stack } = error;
  const items = (error as { readonly items?: readonly object[] }).items;
  return { name, message, stack: stack ?? '', ...(items === undefined ? {} : { items }) };
}

/** Where each construct is made: every construct becomes the child of another in one place. */
function recordPlaces({ Node }: ConstructsLike): void {
  const { addChild } = Node.prototype;
  Node.prototype.addChild = function (this: object, child: object, name: string): void {
    stacks.set(child, stackHere());
    addChild.call(this, child, name);
  };
}

const keyOf = ({ apiVersion, kind, metadata }: ObjectJson): string =>
  [apiVersion, kind, metadata?.namespace, metadata?.name].join('\n');

/** `app.synth()` writes no files: its objects are recorded, in the order in which they would have been written. */
function recordObjects({ App, ApiObject, Yaml }: Cdk8sLike): void {
  const places = new Map<string, (string | undefined)[]>();
  const { toJson } = ApiObject.prototype;
  ApiObject.prototype.toJson = function (this: ConstructLike): ObjectJson {
    const json = toJson.call(this);
    const known = places.get(keyOf(json)) ?? [];
    known.push(stacks.get(this));
    places.set(keyOf(json), known);
    return json;
  };
  Yaml.save = (_path, docs) => {
    for (const object of docs) if (object !== undefined) synthesised.push({ object, stack: places.get(keyOf(object))?.shift() });
  };
  const { synth } = App.prototype;
  App.prototype.synth = function (this: ConstructLike): void {
    const items = this.node
      .findAll()
      .flatMap(({ node }, index, all) =>
        node.validate().map((message) => ({ path: node.path, message, stack: stacks.get(all[index] ?? {}) ?? '' })),
      );
    if (items.length > 0) {
      const error = new Error(items.map(({ path, message }) => `[${path}] ${message}`).join('; '));
      throw Object.assign(error, { name: 'ValidationFailed', items });
    }
    synth.call(this);
  };
}

/** The toolkit by the names that a configuration imports; each part is loaded when it is asked for. */
const modules: Readonly<Record<string, () => unknown>> = {
  cdk8s: () => require('cdk8s'),
  constructs: () => require('constructs'),
  'cdk8s-plus-27': () => require('cdk8s-plus-27'),
  'streamspace/cdk8s': () => require('streamspace/cdk8s'),
};

/** @param load loads the user's bundle */
export async function run(load: () => Promise<unknown>): Promise<void> {
  Object.assign(globalThis, { __streamspaceToolkit: (name: string) => modules[name]?.() });
  recordPlaces(require('constructs') as ConstructsLike);
  recordObjects(require('cdk8s') as Cdk8sLike);
  const fail = (error: unknown): never => {
    send({ error: describe(error) });
    return host.exit(0);
  };
  Object.assign(globalThis, {
    console: createConsole((bytes) => host.stderr.writeSync(bytes), LIMIT_BYTES),
    process: createProcess(fail),
  });
  // What comes later than the module itself (a timer, a promise) still counts.
  addEventListener('unload', () => send({ objects: synthesised }));
  for (const type of ['error', 'unhandledrejection'] as const) {
    addEventListener(type, (event) => {
      event.preventDefault();
      fail(event.error ?? event.reason);
    });
  }
  try {
    await load();
  } catch (error) {
    fail(error);
  }
}
