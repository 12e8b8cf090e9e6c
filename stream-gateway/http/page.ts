// The built page: hashed files for ever, index.html never kept, and index.html for every address of the page.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { type RequestHandler, Router } from 'express';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { nonceForStyles } from './security-headers.ts';

/** In index.html, where the nonce of each answer goes. */
const NONCE_PLACE = '{{style-nonce}}';

/** @param folder what `npm run build:web` wrote, an absolute path */
export function pageRouter(folder: string): Router {
  const sendIndex: RequestHandler = async (req, res) => {
    if (!req.accepts('html')) throw new StreamSpaceError('NotFound', 'there is nothing at this address');
    // Read each time: a page that is built anew is there with the next answer.
    const html = await readFile(join(folder, 'index.html'), 'utf8').catch((cause: unknown) => {
      throw new StreamSpaceError('NotFound', 'the page is not built; run npm run build:web', { cause });
    });
    // Not `send`, which may answer that nothing has changed: then the nonce of the answer before would be used again.
    res.type('html').end(html.replaceAll(NONCE_PLACE, nonceForStyles(res)));
  };
  return Router()
    .use('/assets', express.static(join(folder, 'assets'), { immutable: true, maxAge: '365d', index: false, redirect: false }))
    .use('/assets', () => {
      // Not index.html: a browser would take it for the missing script.
      throw new StreamSpaceError('NotFound', 'there is no such file; the page may have been updated');
    })
    .get('/index.html', sendIndex)
    .use(express.static(folder, { index: false, redirect: false, maxAge: 0 }))
    .get('/{*path}', sendIndex);
}
