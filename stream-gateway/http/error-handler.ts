// The one place that answers an error: problem+json for programs, a small page where a browser navigates (sign-in).
import type { ErrorRequestHandler, Response } from 'express';
import type { Logger } from '../../runtime/log/log.ts';
import type { Problem } from '../../schemas/api/api.ts';
import { localsOf } from './locals.ts';
import { problemOf, retryAfterSeconds, toStreamSpaceError } from './problem.ts';
import { nonceForStyles } from './security-headers.ts';

export interface ErrorHandlerPorts {
  readonly log: Logger;
  readonly publicUrl: string;
}

export function errorHandler({ log, publicUrl }: ErrorHandlerPorts): ErrorRequestHandler {
  return (thrown: unknown, req, res, _next) => {
    const error = toStreamSpaceError(thrown);
    const { requestId } = localsOf(res);
    const fields = { requestId, code: error.code, method: req.method, path: req.path };
    if (error.code === 'Internal') log.error({ ...fields, err: error.cause }, 'request failed');
    else if (error.entry.category === 'unavailable') log.warn({ ...fields, err: error.cause }, 'request failed');
    else log.debug({ ...fields, message: error.message }, 'request refused');
    // A body that has begun cannot become an error any more; the cut connection says it.
    if (res.headersSent) res.destroy();
    else
      answerError(res, problemOf(error, { requestId, publicUrl }), {
        retryAfter: retryAfterSeconds(error),
        asPage: req.path.startsWith('/auth/') && req.accepts(['json', 'html']) === 'html',
      });
  };
}

interface AnswerForm {
  readonly retryAfter: number | undefined;
  readonly asPage: boolean;
}

function answerError(res: Response, problem: Problem, { retryAfter, asPage }: AnswerForm): void {
  if (retryAfter !== undefined) res.setHeader('Retry-After', String(retryAfter));
  // RFC 9110, 15.5.2: a 401 names the scheme.
  if (problem.status === 401) res.setHeader('WWW-Authenticate', 'Bearer realm="streamspace"');
  res.status(problem.status).setHeader('Cache-Control', 'no-store');
  if (asPage) res.type('html').send(errorPage(problem, nonceForStyles(res)));
  else res.type('application/problem+json').send(JSON.stringify(problem));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function errorPage({ title, detail, remedy, code, requestId }: Problem, nonce: string): string {
  const [safeTitle, safeDetail, safeRemedy, safeId] = [title, detail, remedy, `${code} ${requestId}`].map(escapeHtml);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${safeTitle} - StreamSpace</title>
<style nonce="${nonce}">body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}</style>
<body>
<h1>${safeTitle}</h1><p role="alert">${safeDetail}</p><p>${safeRemedy}</p><p><a href="/">Back to StreamSpace</a></p>
<p><small>${safeId}</small></p></body></html>
`;
}
