// What a server says about its refs, in protocol 0, 1 and 2 (gitprotocol-pack, gitprotocol-v2). Pure: lines in, refs out.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { DELIM, encodePktLine, FLUSH, type PktLine, textOf } from './pkt-line.ts';

export interface RemoteRef {
  /** `refs/heads/main` */
  readonly name: string;
  /** Of a commit, or of an annotated tag. */
  readonly oid: string;
  /** The commit that an annotated tag names. */
  readonly peeled?: string;
}

export type Greeting =
  /** The refs have to be asked for with {@link lsRefs}. */
  { readonly version: 2 } | { readonly version: 0; readonly refs: readonly RemoteRef[] };

type Lines = AsyncIterator<PktLine, void>;

/** Of a server that can hold a million of them; the byte limit of the lines comes first. */
const MAX_REFS = 1_000_000;

/** Reads what the server says first, up to the flush that ends it. @throws GitObjectFormat, GitProtocolInvalid */
export async function readGreeting(lines: Lines): Promise<Greeting> {
  let first = await nextLine(lines);
  if (first instanceof Buffer && first.subarray(0, 10).toString('latin1') === '# service=') {
    while (first !== 'flush') first = await nextLine(lines);
    first = await nextLine(lines);
  }
  if (first instanceof Buffer && textOf(first) === 'version 2') {
    for (let line = await nextLine(lines); line !== 'flush'; line = await nextLine(lines))
      if (line instanceof Buffer) refuseFormat(textOf(line));
    return { version: 2 };
  }
  if (first instanceof Buffer && textOf(first) === 'version 1') first = await nextLine(lines);
  return { version: 0, refs: await readOldRefs(first, lines) };
}

/** What every server of protocol 2 that holds SHA-1 names can say of itself (gitprotocol-v2, capability advertisement). */
export const GREETING_2: Buffer = Buffer.concat([
  ...['version 2\n', 'ls-refs\n', 'fetch\n', 'object-format=sha1\n'].map(encodePktLine),
  FLUSH,
]);

/** The request of protocol 2 for the refs that begin with one of the prefixes. */
export function lsRefs(prefixes: readonly string[]): Buffer {
  const text = ['peel\n', ...prefixes.map((prefix) => `ref-prefix ${prefix}\n`)];
  return Buffer.concat([encodePktLine('command=ls-refs\n'), DELIM, ...text.map(encodePktLine), FLUSH]);
}

/** The answer to {@link lsRefs}. */
export async function readRefs(lines: Lines): Promise<readonly RemoteRef[]> {
  const refs: RemoteRef[] = [];
  for (let line = await nextLine(lines); line !== 'flush'; line = await nextLine(lines)) {
    if (!(line instanceof Buffer)) continue;
    const [oid = '', name = '', ...attributes] = textOf(line).split(' ');
    if (oid === 'unborn') continue;
    const peeled = attributes.find((each) => each.startsWith('peeled:'))?.slice('peeled:'.length);
    refs.push(remoteRef(name, oid, peeled));
    if (refs.length > MAX_REFS) tooMany();
  }
  return refs;
}

async function readOldRefs(first: PktLine, lines: Lines): Promise<readonly RemoteRef[]> {
  const refs = new Map<string, RemoteRef>();
  for (let line = first; line !== 'flush'; line = await nextLine(lines)) {
    if (!(line instanceof Buffer)) continue;
    const [head = '', capabilities = ''] = textOf(line).split('\0');
    for (const capability of capabilities.split(' ')) refuseFormat(capability);
    const [oid = '', name = ''] = head.split(' ');
    if (oid === 'shallow' || name === 'capabilities^{}') continue;
    if (name.endsWith('^{}')) {
      const tag = refs.get(name.slice(0, -3));
      if (tag !== undefined) refs.set(tag.name, remoteRef(tag.name, tag.oid, oid));
    } else refs.set(name, remoteRef(name, oid, undefined));
    if (refs.size > MAX_REFS) tooMany();
  }
  return [...refs.values()];
}

function remoteRef(name: string, oid: string, peeled: string | undefined): RemoteRef {
  for (const id of [oid, ...(peeled === undefined ? [] : [peeled])]) {
    if (/^[0-9a-f]{64}$/.test(id)) refuseFormat('object-format=sha256');
    if (!/^[0-9a-f]{40}$/.test(id))
      throw new StreamSpaceError('GitProtocolInvalid', 'the server does not speak Git: no object id');
  }
  return { name, oid, ...(peeled === undefined ? {} : { peeled }) };
}

function refuseFormat(capability: string): void {
  if (capability.startsWith('object-format=') && capability !== 'object-format=sha1')
    throw new StreamSpaceError('GitObjectFormat', 'the repository uses SHA-256 object names');
}

function tooMany(): never {
  throw new StreamSpaceError('GitSnapshotTooLarge', `the repository has more than ${MAX_REFS} branches and tags`);
}

async function nextLine(lines: Lines): Promise<PktLine> {
  const { value, done } = await lines.next();
  if (done === true || value === undefined)
    throw new StreamSpaceError('GitProtocolInvalid', 'the server does not speak Git: its answer ends too early');
  if (value instanceof Buffer && value.subarray(0, 4).toString('latin1') === 'ERR ')
    throw new StreamSpaceError('GitUnreachable', `the Git server says: ${textOf(value).slice(4, 300)}`);
  return value;
}
