// The built page: hashed files for ever, index.html never kept, and index.html for every address of the page.
import { join } from 'node:path';
import express, { Router } from 'express';
import { StreamSpaceError } from '../../schemas/errors.ts';

/** @param folder what `npm run build:web` wrote, an absolute path */
export function pageRouter(folder: string): Router {
  return Router()
    .use('/assets', express.static(join(folder, 'assets'), { immutable: true, maxAge: '365d', index: false, redirect: false }))
    .use('/assets', () => {
      // Not index.html: a browser would take it for the missing script.
      throw new StreamSpaceError('NotFound', 'there is no such file; the page may have been updated');
    })
    .use(express.static(folder, { index: false, redirect: false, maxAge: 0 }))
    .get('/{*path}', (req, res, next) => {
      if (!req.accepts('html')) throw new StreamSpaceError('NotFound', 'there is nothing at this address');
      res.setHeader('Cache-Control', 'no-cache');
      res.sendFile('index.html', { root: folder, cacheControl: false }, (error) => {
        if (error === undefined || error === null || res.headersSent) return;
        next(new StreamSpaceError('NotFound', 'the page is not built; run npm run build:web', { cause: error }));
      });
    });
}
