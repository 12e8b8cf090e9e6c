// Requests about the files of a session.
import type { FileList, UploadCreate, UploadedFile, UploadView } from '../../../../../schemas/api/files.ts';

interface SessionName {
  readonly namespace: string;
  readonly name: string;
}

export interface FilesApi {
  listFiles(session: SessionName, path: string, signal?: AbortSignal): Promise<FileList>;
  createFolder(session: SessionName, path: string): Promise<void>;
  beginUpload(session: SessionName, upload: UploadCreate, signal?: AbortSignal): Promise<UploadView>;
  uploadProgress(session: SessionName, id: string, signal?: AbortSignal): Promise<UploadView>;
  putUploadPart(session: SessionName, part: UploadPart, signal?: AbortSignal): Promise<UploadView>;
  commitUpload(
    session: SessionName,
    id: string,
    options: { readonly overwrite: boolean },
    signal?: AbortSignal,
  ): Promise<UploadedFile>;
  cancelUpload(session: SessionName, id: string): Promise<void>;
  /** The caller reads the body. */
  download(session: SessionName, download: DownloadStart, signal?: AbortSignal): Promise<Response>;
}

export interface UploadPart {
  readonly id: string;
  readonly offset: number;
  readonly bytes: Blob;
}

export interface DownloadStart {
  readonly kind: 'File' | 'Folder';
  readonly path: string;
  /** Where it was cut off, of which version. */
  readonly from?: { readonly offset: number; readonly etag: string };
}

export interface Send {
  readonly get: (
    path: string,
    options: { readonly signal?: AbortSignal | undefined; readonly headers?: Readonly<Record<string, string>> },
  ) => Promise<Response>;
  readonly change: (
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    options: { readonly body?: unknown; readonly bytes?: Blob; readonly signal?: AbortSignal | undefined },
  ) => Promise<Response>;
}

export function filesApi({ get, change }: Send): FilesApi {
  return {
    listFiles: async (session, path, signal) => await json(await get(`${filesOf(session)}${query({ path })}`, { signal })),
    async createFolder(session, path) {
      await change('POST', `${filesOf(session)}/folders`, { body: { path } });
    },
    beginUpload: async (session, body, signal) =>
      await json(await change('POST', `${filesOf(session)}/uploads`, { body, signal })),
    uploadProgress: async (session, id, signal) => await json(await get(uploadOf(session, id), { signal })),
    putUploadPart: async (session, { id, offset, bytes }, signal) =>
      await json(await change('PUT', `${uploadOf(session, id)}?offset=${offset}`, { bytes, signal })),
    commitUpload: async (session, id, { overwrite }, signal) =>
      await json(await change('POST', `${uploadOf(session, id)}/commit?overwrite=${overwrite}`, { signal })),
    async cancelUpload(session, id) {
      await change('DELETE', uploadOf(session, id), {});
    },
    download: (session, { kind, path, from }, signal) =>
      get(`${filesOf(session)}/${kind === 'File' ? 'content' : 'archive'}${query({ path })}`, {
        signal,
        headers: {
          accept: '*/*',
          ...(from === undefined ? {} : { range: `bytes=${from.offset}-`, 'if-range': from.etag }),
        },
      }),
  };
}

function filesOf({ namespace, name }: SessionName): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/sessions/${encodeURIComponent(name)}/files`;
}

const uploadOf = (session: SessionName, id: string): string => `${filesOf(session)}/uploads/${encodeURIComponent(id)}`;
const query = (fields: Readonly<Record<string, string>>): string => `?${new URLSearchParams(fields)}`;

async function json<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}
