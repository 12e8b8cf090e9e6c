// The files of a session: list, make a folder, download. Uploads are beside it (uploads.ts). Who may, and what a policy says, is
// asked for every request (files/entrance.ts).
import * as z from 'zod';
import { fileList, folderCreate } from '../../../../schemas/api/files.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import { refusesDirection } from '../../../dlp/files/file-verdict.ts';
import { nameOf, parseHomePath, parseNewPath } from '../../../dlp/files/home-path.ts';
import { repacked } from '../../../files/archive.ts';
import { fetchFile, fetchFolder } from '../../../files/downloads.ts';
import type { Entered } from '../../../files/entrance.ts';
import { detailsOf, passOrDeny } from '../../../files/file-denied.ts';
import { fileRulesOf } from '../../../files/judge.ts';
import { sendArchive, sendFile } from '../../../files/send.ts';
import { type BytesAnswer, type Route, route } from '../../route.ts';
import { objectPath } from '../parameters.ts';
import { counted, enterFor, FILES, type FilePorts, type SessionCall, sessionOf } from './file-ports.ts';
import { uploadRoutes } from './uploads.ts';

const pathQuery = z.object({
  path: z.string().max(4096).default('').describe('From the home on, such as Documents/report.pdf; empty is the home itself.'),
});

export function fileRoutes(ports: FilePorts): readonly Route[] {
  return [
    route({
      method: 'get',
      path: FILES,
      operationId: 'listFiles',
      summary: 'A folder of the home of a running session. Without a direction that is open, nothing is listed.',
      tag: 'Files',
      params: objectPath,
      query: pathQuery,
      responses: { 200: { name: 'FileList', schema: fileList } },
      async handle(call) {
        using entered = await enterFor(ports, call);
        const path = parseHomePath(call.query.path);
        requireOpen(entered, path);
        const { entries, truncated } = await entered.home.list(path);
        return { status: 200, body: { path, items: entries, truncated } };
      },
    }),
    route({
      method: 'post',
      path: `${FILES}/folders`,
      operationId: 'createFolder',
      summary: 'Makes a folder in the home.',
      tag: 'Files',
      params: objectPath,
      body: { name: 'FolderCreate', schema: folderCreate },
      responses: { 204: null },
      audit: 'folder.created',
      object: sessionOf,
      async handle(call) {
        using entered = await enterFor(ports, call);
        const path = parseNewPath(call.body.path);
        const facts = { direction: 'up', name: path } as const;
        passOrDeny(refusesDirection(fileRulesOf(entered.policy), 'up'), facts, entered.policy);
        entered.take(facts);
        await entered.home.makeFolder(path);
        return { status: 204, audited: { object: sessionOf(call.params), details: { name: path } } };
      },
    }),
    route({
      method: 'get',
      path: `${FILES}/content`,
      operationId: 'downloadFile',
      summary: 'The bytes of a file, once they are judged. A range with If-Range goes on where a download was cut off.',
      tag: 'Files',
      params: objectPath,
      query: pathQuery,
      responses: { 200: null, 206: null, 416: null },
      givesBytes: 'application/octet-stream',
      audit: 'files.downloaded',
      object: sessionOf,
      handle: (call) =>
        downloading(ports, call, async (entered) => {
          const path = parseHomePath(call.query.path);
          if (path === '') throw new StreamSpaceError('FileKindWrong', 'the home is a folder');
          const { file, judged } = await fetchFile(ports, entered, { path, signal: call.signal });
          return {
            bytes: judged.bytes,
            details: detailsOf({ direction: 'down', name: path, ...judged }),
            send: (res) => sendFile(res, { ...{ file, judged }, name: nameOf(path), headers: call.headers, entered }),
            spooled: file,
          };
        }),
    }),
    route({
      method: 'get',
      path: `${FILES}/archive`,
      operationId: 'downloadFolder',
      summary: 'A folder of the home as a tar archive, once every file in it is judged.',
      tag: 'Files',
      params: objectPath,
      query: pathQuery,
      responses: { 200: null },
      givesBytes: 'application/x-tar',
      audit: 'files.downloaded',
      object: sessionOf,
      handle: (call) =>
        downloading(ports, call, async (entered) => {
          const path = parseHomePath(call.query.path);
          const name = path === '' ? call.params.name : nameOf(path);
          const { archive, files, bytes, sha256 } = await fetchFolder(ports, entered, { path, signal: call.signal });
          return {
            bytes,
            details: { ...detailsOf({ direction: 'down', name: path, bytes, sha256 }), files },
            send: (res) => sendArchive(res, { content: repacked(archive, name), name, entered }),
            spooled: archive,
          };
        }),
    }),
    ...uploadRoutes(ports),
  ];
}

interface Download {
  readonly bytes: number;
  readonly details: NonNullable<BytesAnswer['audited']['details']>;
  readonly send: BytesAnswer['send'];
  readonly spooled: AsyncDisposable;
}

/** The session stays entered until the last byte is out, so that a policy which closes it cuts the download. */
async function downloading(
  ports: FilePorts,
  call: SessionCall,
  fetch: (entered: Entered) => Promise<Download>,
): Promise<BytesAnswer> {
  const entered = await enterFor(ports, call);
  try {
    const { bytes, details, send, spooled } = await counted(ports.metrics, 'down', () => fetch(entered));
    ports.metrics.transferred('down', null, bytes);
    return {
      send,
      audited: { object: sessionOf(call.params), details },
      [Symbol.asyncDispose]: async () => {
        entered[Symbol.dispose]();
        await spooled[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    entered[Symbol.dispose]();
    throw error;
  }
}

/** Names say something too: where nothing may pass, none is shown. */
function requireOpen({ policy }: Entered, path: string): void {
  const rules = fileRulesOf(policy);
  if (rules.up || rules.down) return;
  passOrDeny(refusesDirection(rules, 'down'), { direction: 'down', name: path }, policy);
}
