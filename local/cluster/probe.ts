// One question to a health endpoint: does it answer 200?
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface ProbeOptions {
  readonly signal: AbortSignal;
  /** PEM of who must have signed the certificate. Left out: any; only for endpoints of our own loopback that carry no secret. */
  readonly ca?: string;
}

/** Never rejects. */
export async function answers(url: string, options: ProbeOptions): Promise<boolean> {
  return await new Promise((resolve) => {
    const common = { signal: options.signal, agent: false } as const;
    const trust = options.ca === undefined ? { rejectUnauthorized: false } : { ca: options.ca };
    const request = url.startsWith('https:') ? httpsRequest(url, { ...common, ...trust }) : httpRequest(url, common);
    request.on('error', () => resolve(false));
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.end();
  });
}
