// Bytes to the browser: as an attachment and never as a page of ours, from where it was cut off (RFC 9110, 14), and cut when a
// policy closes downloads meanwhile, or the right ends.
import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { Entered } from './entrance.ts';
import type { JudgedFile } from './judge.ts';
import type { SpooledFile } from './spool.ts';

export interface FileToSend {
  readonly file: SpooledFile;
  readonly judged: JudgedFile;
  readonly name: string;
  readonly headers: IncomingHttpHeaders;
  readonly entered: Pick<Entered, 'policy' | 'rightEnded'>;
}

export interface ArchiveToSend {
  readonly content: Readable;
  readonly name: string;
  readonly entered: Pick<Entered, 'policy' | 'rightEnded'>;
}

export type ByteRange = { readonly start: number; readonly end: number };

export async function sendFile(res: Response, { file, judged, name, headers, entered }: FileToSend): Promise<void> {
  const { bytes, sha256 } = judged;
  const etag = `"${sha256}"`;
  const ifRange = headers['if-range'];
  const range = ifRange === undefined || ifRange === etag ? rangeOf(headers.range, bytes) : undefined;
  attach(res, name);
  res.setHeader('ETag', etag);
  res.setHeader('Accept-Ranges', 'bytes');
  res.setHeader('Content-Type', 'application/octet-stream');
  if (range === 'unsatisfiable') {
    res.status(416).setHeader('Content-Range', `bytes */${bytes}`).end();
    return;
  }
  res.status(range === undefined ? 200 : 206);
  if (range !== undefined) res.setHeader('Content-Range', `bytes ${range.start}-${range.end}/${bytes}`);
  res.setHeader('Content-Length', range === undefined ? bytes : range.end - range.start + 1);
  await pour(res, Readable.from(file.read(range)), entered);
}

export async function sendArchive(res: Response, { content, name, entered }: ArchiveToSend): Promise<void> {
  attach(res, `${name}.tar`);
  res.status(200).setHeader('Content-Type', 'application/x-tar');
  await pour(res, content, entered);
}

function attach(res: Response, name: string): void {
  res.setHeader('Content-Disposition', dispositionOf(name));
  // No page, whatever it is and whoever opens it.
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
}

/** RFC 6266, 4.1 and appendix D: the name in ASCII for old readers, and as it is. */
export function dispositionOf(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** One range (RFC 9110, 14.2); several, or what cannot be read, are as none. */
export function rangeOf(header: string | undefined, bytes: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const suffix = Math.min(Number(last), bytes);
    return suffix === 0 ? 'unsatisfiable' : { start: bytes - suffix, end: bytes - 1 };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= bytes ? 'unsatisfiable' : { start, end: last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1) };
}

/** A client that goes away ends it without an error: nobody is left to be told. */
async function pour(res: Response, content: Readable, { policy, rightEnded }: FileToSend['entered']): Promise<void> {
  const stop = policy.onChange(() => {
    if (policy.current().files?.down !== true) res.destroy();
  });
  try {
    await pipeline(content, res, { signal: rightEnded });
  } catch (error) {
    if (!res.destroyed && !res.closed) throw error;
  } finally {
    stop();
  }
}
