// A thread that changes the pixels of several streams. What is wrong with one of them ends that one alone.
import { parentPort } from 'node:worker_threads';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type PipelineOutput, PixelPipeline } from '../../pixels/pipeline.ts';
import type { FromPixelWorker, PixelFailure, PixelInput, ToPixelWorker } from './messages.ts';

const pipelines = new Map<number, PixelPipeline>();

parentPort?.on('message', ({ stream, input }: ToPixelWorker) => {
  try {
    const output = step(stream, input);
    if (output !== undefined) send(stream, input.type, output);
  } catch (error) {
    close(stream);
    post({ stream, answer: failure(input.type, error) }, []);
  }
});

function step(stream: number, input: PixelInput): PipelineOutput | undefined {
  if (input.type === 'open') {
    const opened = new PixelPipeline(input.options);
    pipelines.set(stream, opened);
    return opened.start();
  }
  // Undefined: it has failed, and this was on its way meanwhile.
  const pipeline = pipelines.get(stream);
  switch (input.type) {
    case 'desktop':
      return pipeline?.fromDesktop(asBuffer(input.bytes));
    case 'browser':
      return pipeline?.fromBrowser({ name: input.name, bytes: asBuffer(input.bytes) });
    case 'room':
      return pipeline?.setRoom(input.hasRoom);
    case 'burn':
      return pipeline?.setBurn(input.burn);
    case 'close':
      close(stream);
      return undefined;
  }
}

function close(stream: number): void {
  pipelines.get(stream)?.close();
  pipelines.delete(stream);
}

function send(stream: number, of: PixelInput['type'], { toDesktop, toBrowser, confirmed, screens }: PipelineOutput): void {
  const pieces = toBrowser.map(({ message, bytes, end }) => ({ message, bytes, end }));
  const buffers = [...toDesktop, ...toBrowser.map(({ bytes }) => bytes)].map(({ buffer }) => buffer);
  const transferred = new Set(buffers.filter((buffer) => buffer instanceof ArrayBuffer && buffer.byteLength > 0));
  post({ stream, answer: { type: 'output', of, toDesktop, toBrowser: pieces, confirmed, screens } }, [...transferred]);
}

function failure(of: PixelInput['type'], error: unknown): PixelFailure {
  if (error instanceof StreamSpaceError) return { type: 'failed', of, code: error.code, message: error.message };
  return { type: 'failed', of, code: 'PictureLost', message: error instanceof Error ? error.message : String(error) };
}

function post(message: FromPixelWorker, transferred: readonly ArrayBufferLike[]): void {
  parentPort?.postMessage(
    message,
    transferred.filter((buffer) => buffer instanceof ArrayBuffer),
  );
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
