// What the codes mean, for whoever follows the link of a problem. It is documentation: nobody need be signed in.
import * as z from 'zod';
import { type ErrorCodeView, errorCode, errorCodeList } from '../../../schemas/api/api.ts';
import { ERRORS, type ErrorCode, StreamSpaceError } from '../../../schemas/errors.ts';
import { httpStatusOf } from '../../../schemas/http-status.ts';
import { type Route, route } from '../route.ts';

const byCode = z.object({ code: z.string().max(64).describe('Such as `SessionNotRunning`.') });

export function errorRoutes(): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/errors',
      operationId: 'listErrorCodes',
      summary: 'Every error code with what to do about it.',
      tag: 'Meta',
      responses: { 200: { name: 'ErrorCodeList', schema: errorCodeList } },
      public: true,
      handle: async () => ({ status: 200, body: { items: Object.keys(ERRORS).filter(isErrorCode).sort().map(presentCode) } }),
    }),
    route({
      method: 'get',
      path: '/errors/{code}',
      operationId: 'getErrorCode',
      summary: 'One error code with what to do about it.',
      tag: 'Meta',
      params: byCode,
      responses: { 200: { name: 'ErrorCode', schema: errorCode } },
      public: true,
      async handle({ params: { code } }) {
        if (!isErrorCode(code)) throw new StreamSpaceError('NotFound', 'there is no such error code');
        return { status: 200, body: presentCode(code) };
      },
    }),
  ];
}

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}

function presentCode(code: ErrorCode): ErrorCodeView {
  const { category, retry, remedy } = ERRORS[code];
  return { code, category, status: httpStatusOf(code), retry, remedy };
}
