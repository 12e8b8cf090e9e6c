// The files of a session as a program uses them over /api/v1, with a person's API key.
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { FileList, UploadView } from '../../schemas/api/files.ts';
import { type Answer, apiAs } from './api.ts';
import { personOf, type Servers } from './servers.ts';

export interface Wish {
  readonly content: string | Buffer;
  readonly type?: string;
  readonly overwrite?: boolean;
}

type Body = Readonly<Record<string, unknown>>;

export interface Raw {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  /** Of the events of the request. */
  readonly requestId: string;
}

export class FilesApi {
  readonly path: string;
  readonly #servers: Servers;
  readonly #person: string;

  constructor(servers: Servers, person: string, session: string) {
    this.#servers = servers;
    this.#person = person;
    this.path = `/namespaces/team-web/sessions/${session}/files`;
  }

  async list(folder = ''): Promise<Answer<FileList>> {
    return await apiAs(this.#servers, this.#person).get(`${this.path}?path=${encodeURIComponent(folder)}`);
  }

  async makeFolder(path: string): Promise<Answer<Body | undefined>> {
    return await this.#send('POST', '/folders', { path });
  }

  async begin(path: string, bytes: number, type = ''): Promise<Answer<UploadView & Body>> {
    return await this.#send('POST', '/uploads', { path, bytes, type });
  }

  async progress(id: string): Promise<Answer<UploadView>> {
    return await apiAs(this.#servers, this.#person).get(`${this.path}/uploads/${id}`);
  }

  async part(id: string, offset: number, content: Buffer): Promise<Raw & { readonly code: unknown }> {
    const raw = await this.raw(`/uploads/${id}?offset=${offset}`, { method: 'PUT', body: content });
    return { ...raw, code: (JSON.parse(raw.bytes.toString()) as Body)['code'] };
  }

  /** Announces the whole rest, sends only these bytes, and breaks the connection. */
  async brokenPart(id: string, offset: number, content: Buffer, announced: number): Promise<void> {
    const url = new URL(`/api/v1${this.path}/uploads/${id}?offset=${offset}`, this.#servers.url);
    const sending = request(url, {
      method: 'PUT',
      headers: { ...this.#headers(), 'content-type': 'application/octet-stream', 'content-length': announced },
    });
    sending.on('error', () => undefined);
    sending.write(content);
    // The connection breaks once the gateway has what was sent.
    while ((await this.progress(id)).body.offset < offset + content.length) await wait(20);
    sending.destroy();
  }

  async commit(id: string, overwrite = false): Promise<Answer<Body>> {
    return await this.#send('POST', `/uploads/${id}/commit?overwrite=${overwrite}`);
  }

  async cancel(id: string): Promise<Answer<Body>> {
    return await this.#send('DELETE', `/uploads/${id}`);
  }

  /** All three steps; the answer of the first that was refused. */
  async upload(path: string, { content, type, overwrite }: Wish): Promise<Answer<Body>> {
    const bytes = Buffer.from(content);
    const begun = await this.begin(path, bytes.length, type);
    if (begun.status !== 201) return begun;
    const { id } = begun.body;
    if (bytes.length > 0) {
      const sent = await this.part(id, 0, bytes);
      if (sent.status !== 200)
        return { status: sent.status, body: JSON.parse(sent.bytes.toString()) as Body, headers: sent.headers };
    }
    const done = await this.commit(id, overwrite);
    if (done.status !== 201) await this.cancel(id);
    return done;
  }

  async download(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Raw> {
    return await this.raw(`/content?path=${encodeURIComponent(path)}`, { headers });
  }

  async archive(path: string): Promise<Raw> {
    return await this.raw(`/archive?path=${encodeURIComponent(path)}`);
  }

  async raw(
    path: string,
    {
      method = 'GET',
      body,
      headers,
    }: { readonly method?: string; readonly body?: Buffer; readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Raw> {
    const requestId = randomUUID();
    const response = await fetch(`${this.#servers.url}/api/v1${this.path}${path}`, {
      method,
      headers: {
        ...this.#headers(),
        ...(body === undefined ? {} : { 'content-type': 'application/octet-stream' }),
        'x-request-id': requestId,
        ...headers,
      },
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, bytes, requestId };
  }

  #headers(): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${personOf(this.#servers, this.#person).apiKey}` };
  }

  async #send<T>(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer<T>> {
    return await apiAs(this.#servers, this.#person).send<T>(method, `${this.path}${path}`, body);
  }
}
