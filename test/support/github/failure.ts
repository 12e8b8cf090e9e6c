// Answers that say no, in GitHub's words: clients match on some of them.
import type { JsonObject } from './json.ts';

const DOCUMENTATION = 'https://docs.github.com/rest';

export class ApiFailure extends Error {
  readonly status: number;
  readonly body: JsonObject;

  constructor(status: number, message: string, errors?: readonly JsonObject[]) {
    super(message);
    this.status = status;
    // The status as text stands in all errors but those of validation.
    this.body = {
      message,
      ...(errors === undefined ? {} : { errors }),
      documentation_url: DOCUMENTATION,
      ...(status === 422 || status === 405 || status === 409 ? {} : { status: String(status) }),
    };
  }
}

export function notFound(): ApiFailure {
  return new ApiFailure(404, 'Not Found');
}

export function forbidden(message = 'Resource not accessible by personal access token'): ApiFailure {
  return new ApiFailure(403, message);
}

export function badCredentials(): ApiFailure {
  return new ApiFailure(401, 'Bad credentials');
}

/** A rule of its own for the resource, in words. */
export function unprocessable(resource: string, message: string): ApiFailure {
  return new ApiFailure(422, 'Validation Failed', [{ resource, code: 'custom', message }]);
}

export function invalidField(
  resource: string,
  field: string,
  code: 'invalid' | 'missing_field' | 'custom' = 'invalid',
): ApiFailure {
  return new ApiFailure(422, 'Validation Failed', [{ resource, field, code }]);
}
