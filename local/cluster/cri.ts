// The few calls of the container runtime interface (runtime.v1, gRPC on a Unix socket) that we make ourselves: is it ready,
// and put every pod away in order, network included, before the runtime stops.
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { decodeMessage, encodeMessage, type Field, type FieldValue, messagesOf, numberOf, textsOf } from './protobuf.ts';

const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** What a desktop gets between the friendly signal and the other one. */
const STOP_GRACE_SECONDS = 3;

export class Cri implements Disposable {
  readonly #session: ClientHttp2Session;

  constructor(socket: string) {
    this.#session = connect('http://localhost', { createConnection: () => connectSocket(socket) });
    // Without a listener a connection that breaks would end the process; each call reports it by itself.
    this.#session.on('error', () => undefined);
  }

  [Symbol.dispose](): void {
    this.#session.destroy();
  }

  /** Runtime and network both. */
  async isReady(signal: AbortSignal): Promise<boolean> {
    const [status] = messagesOf(await this.#call('Status', {}, signal), 1);
    if (status === undefined) return false;
    const conditions = messagesOf(decodeMessage(status), 1).map(decodeMessage);
    return conditions.length > 0 && conditions.every((condition) => numberOf(condition, 2) === 1);
  }

  /** Stops and removes every pod. Resolves when none is left. */
  async removeAllPods(signal: AbortSignal): Promise<number> {
    const containers = messagesOf(await this.#call('ListContainers', {}, signal), 1).map(decodeMessage);
    const sandboxes = messagesOf(await this.#call('ListPodSandbox', {}, signal), 1).map(decodeMessage);
    await Promise.all(
      sandboxes.map(async (sandbox) => {
        const [id = ''] = textsOf(sandbox, 1);
        const own = containers
          .filter((container) => textsOf(container, 2).includes(id))
          .flatMap((found) => textsOf(found, 1).slice(0, 1));
        await Promise.all(own.map((container) => this.#call('StopContainer', { 1: container, 2: STOP_GRACE_SECONDS }, signal)));
        await this.#call('StopPodSandbox', { 1: id }, signal);
        await this.#call('RemovePodSandbox', { 1: id }, signal);
      }),
    );
    return sandboxes.length;
  }

  async #call(method: string, message: Readonly<Record<number, FieldValue>>, signal: AbortSignal): Promise<readonly Field[]> {
    const body = encodeMessage(message);
    const frame = Buffer.alloc(5 + body.length);
    frame.writeUInt32BE(body.length, 1);
    body.copy(frame, 5);
    const answer = await this.#exchange(method, frame, signal);
    return decodeMessage(answer.subarray(5));
  }

  async #exchange(method: string, frame: Buffer, signal: AbortSignal): Promise<Buffer> {
    return await new Promise((resolve, reject) => {
      const stream = this.#session.request(
        {
          ':method': 'POST',
          ':path': `/runtime.v1.RuntimeService/${method}`,
          'content-type': 'application/grpc',
          te: 'trailers',
        },
        { signal },
      );
      const chunks: Buffer[] = [];
      let size = 0;
      let problem = '';
      const readStatus = (headers: Readonly<Record<string, unknown>>): void => {
        const code = headers['grpc-status'];
        if (code !== undefined && code !== '0') problem = String(headers['grpc-message'] ?? `gRPC status ${code}`);
      };
      stream.on('response', readStatus);
      stream.on('trailers', readStatus);
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) stream.close(constants.NGHTTP2_CANCEL);
        else chunks.push(chunk);
      });
      stream.on('error', (error) => reject(failed(method, error.message, error)));
      stream.on('close', () => {
        if (problem !== '') reject(failed(method, decodeURIComponent(problem)));
        else if (size < 5) reject(failed(method, 'no answer'));
        else resolve(Buffer.concat(chunks));
      });
      stream.end(frame);
    });
  }
}

function failed(method: string, words: string, cause?: unknown): StreamSpaceError {
  return new StreamSpaceError('PartFailed', `the container runtime refused ${method}: ${words}`, { cause });
}
