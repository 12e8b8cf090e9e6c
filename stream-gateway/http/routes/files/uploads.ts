// An upload in three steps: begin, parts at an offset (again and again after a broken connection), commit. Nothing is in the home
// before the commit, and then all of it at once.
import * as z from 'zod';
import {
  MAX_PART_BYTES,
  type UploadedFile,
  type UploadView,
  uploadCreate,
  uploadedFile,
  uploadView,
} from '../../../../schemas/api/files.ts';
import { MAX_FILE_BYTES } from '../../../../schemas/kinds/policies/file-rules.ts';
import { refusesDirection, refusesSize } from '../../../dlp/files/file-verdict.ts';
import { parseNewPath } from '../../../dlp/files/home-path.ts';
import type { Entered } from '../../../files/entrance.ts';
import { detailsOf, passOrDeny } from '../../../files/file-denied.ts';
import { fileRulesOf, whileAllowed } from '../../../files/judge.ts';
import type { Upload } from '../../../files/uploads.ts';
import { AuditedRefusal } from '../../audited-refusal.ts';
import { requestInvalid } from '../../problem.ts';
import { type Route, route } from '../../route.ts';
import { objectPath } from '../parameters.ts';
import { counted, enterFor, FILES, type FilePorts, sessionOf } from './file-ports.ts';

const uploadPath = objectPath.extend({ upload: z.string().regex(/^[0-9a-f]{32}$/, 'write the id of an upload') });
const partQuery = z.object({
  offset: z.coerce
    .number()
    .int()
    .min(0)
    .max(MAX_FILE_BYTES)
    .describe('Where the part begins; at most how far the upload has come.'),
});
const commitQuery = z.object({
  overwrite: z.enum(['true', 'false']).default('false').describe('Replace a file of this name. Else it is a conflict.'),
});
const named = { name: 'Upload', schema: uploadView };

export function uploadRoutes(ports: FilePorts): readonly Route[] {
  const { uploads, metrics } = ports;
  return [
    route({
      method: 'post',
      path: `${FILES}/uploads`,
      operationId: 'beginUpload',
      summary: 'Begins the upload of a file.',
      tag: 'Files',
      params: objectPath,
      body: { name: 'UploadCreate', schema: uploadCreate },
      responses: { 201: named },
      object: sessionOf,
      async handle(call) {
        using entered = await enterFor(ports, call);
        const { bytes, type } = call.body;
        return await counted(metrics, 'up', async () => {
          const path = parseNewPath(call.body.path);
          const facts = factsOf({ path, bytes });
          requireOpen(entered, facts);
          entered.take(facts);
          const upload = await uploads.begin(entered.owner, { path, bytes, declared: type });
          const { namespace, name } = call.params;
          const location = `/api/v1/namespaces/${namespace}/sessions/${name}/files/uploads/${upload.id}`;
          return { status: 201, body: present(upload), headers: { Location: location } };
        });
      },
    }),
    route({
      method: 'get',
      path: `${FILES}/uploads/{upload}`,
      operationId: 'getUpload',
      summary: 'How far an upload has come; HEAD says it in the header Upload-Offset.',
      tag: 'Files',
      params: uploadPath,
      responses: { 200: named },
      async handle(call) {
        using entered = await enterFor(ports, call);
        const upload = uploads.get(call.params.upload, entered.owner);
        return { status: 200, body: present(upload), headers: { 'Upload-Offset': String(upload.file.bytes) } };
      },
    }),
    route({
      method: 'put',
      path: `${FILES}/uploads/{upload}`,
      operationId: 'putUploadPart',
      summary: `Sends a part, of at most ${MAX_PART_BYTES} bytes. One that is sent again does no harm.`,
      tag: 'Files',
      params: uploadPath,
      query: partQuery,
      takesBytes: true,
      responses: { 200: named },
      object: sessionOf,
      async handle(call) {
        using entered = await enterFor(ports, call);
        const upload = uploads.get(call.params.upload, entered.owner);
        if (call.headers['content-type'] !== 'application/octet-stream')
          throw requestInvalid('send the part as application/octet-stream');
        await endingDenied(ports, upload, async () => {
          requireOpen(entered, factsOf(upload));
          await uploads.receive(upload, call.query.offset, call.incoming, MAX_PART_BYTES);
        });
        return { status: 200, body: present(upload), headers: { 'Upload-Offset': String(upload.file.bytes) } };
      },
    }),
    route({
      method: 'post',
      path: `${FILES}/uploads/{upload}/commit`,
      operationId: 'commitUpload',
      summary: 'Judges the whole file and writes it into the home, in one step. A repeat gives the same answer.',
      tag: 'Files',
      params: uploadPath,
      query: commitQuery,
      responses: { 201: { name: 'UploadedFile', schema: uploadedFile } },
      audit: 'files.uploaded',
      object: sessionOf,
      async handle(call) {
        using entered = await enterFor(ports, call);
        const upload = uploads.get(call.params.upload, entered.owner);
        const overwrite = call.query.overwrite === 'true';
        const file = await counted(metrics, 'up', () =>
          endingDenied(ports, upload, () =>
            uploads.finish(upload, () => write(ports, entered, { upload, overwrite, signal: call.signal })),
          ),
        );
        metrics.transferred('up', null, file.bytes);
        const { path, ...known } = file;
        const details = detailsOf({ direction: 'up', name: path, ...known });
        return { status: 201, body: file, audited: { object: sessionOf(call.params), details } };
      },
    }),
    route({
      method: 'delete',
      path: `${FILES}/uploads/{upload}`,
      operationId: 'cancelUpload',
      summary: 'Ends an upload; nothing of it stays.',
      tag: 'Files',
      params: uploadPath,
      responses: { 204: null },
      object: sessionOf,
      async handle(call) {
        using entered = await enterFor(ports, call);
        await uploads.end(uploads.get(call.params.upload, entered.owner));
        return { status: 204 };
      },
    }),
  ];
}

const present = ({ id, path, bytes, file, done }: Upload): UploadView => ({
  ...{ id, path, bytes },
  offset: done === undefined ? file.bytes : bytes,
});

const factsOf = ({ path, bytes }: Pick<Upload, 'path' | 'bytes'>) => ({ direction: 'up', name: path, bytes }) as const;

function requireOpen({ policy }: Entered, facts: ReturnType<typeof factsOf>): void {
  const rules = fileRulesOf(policy);
  passOrDeny(refusesDirection(rules, 'up'), facts, policy);
  passOrDeny(refusesSize(rules, facts.bytes), facts, policy);
}

interface Writing {
  readonly upload: Upload;
  readonly overwrite: boolean;
  readonly signal: AbortSignal;
}

async function write(ports: FilePorts, entered: Entered, { upload, overwrite, signal }: Writing): Promise<UploadedFile> {
  const { path, file, declared } = upload;
  requireOpen(entered, factsOf(upload));
  const judged = await ports.judge({ facts: { direction: 'up', name: path }, file, declared, policy: entered.policy, signal });
  const content = whileAllowed(file.read(), entered.policy, { direction: 'up', name: path, ...judged });
  await entered.home.write({ path, bytes: judged.bytes, content, overwrite });
  return { path, ...judged };
}

/** What a policy stops is not kept: the same bytes do not get better. What fails otherwise may be tried again. */
async function endingDenied<T>({ uploads }: FilePorts, upload: Upload, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const mayPassLater = error instanceof AuditedRefusal && error.entry.category === 'unavailable';
    if (error instanceof AuditedRefusal && !mayPassLater && !upload.committing) await uploads.end(upload);
    throw error;
  }
}
