// Which operations of the OpenAPI document were asked, and which not.
import { z } from 'zod';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const operation = z.object({ security: z.array(z.unknown()) });
export const openApiDocument = z.object({
  paths: z.record(z.string(), z.partialRecord(z.enum(METHODS), operation)),
});
export type OpenApiDocument = z.infer<typeof openApiDocument>;

/**
 * What `npm run api-test` cannot ask, with the reason. Upgrades to WebSocket (`/stream`, `/console`) are no operations of the
 * document: test/integration/stream-door.test.ts has them.
 */
export const NOT_ASKED: Readonly<Record<string, string>> = {
  'GET /openapi.json': 'schemathesis reads the document there, and asks about everything but that address',
};

/** `METHOD path`, as schemathesis calls them. */
export function operationsOf({ paths }: OpenApiDocument): readonly string[] {
  return Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));
}

/** Those that somebody without a key may ask. */
export function publicOperationsOf({ paths }: OpenApiDocument): readonly string[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, { security }]) => (security.length === 0 ? [`${method.toUpperCase()} ${path}`] : [])),
  );
}

export interface Coverage {
  readonly asked: number;
  /** How many can be asked. */
  readonly askable: number;
  readonly questions: number;
  /** Questions that were only told to wait say nothing about their operation. */
  readonly limited: number;
  readonly missing: readonly string[];
}

/** @param log lines `METHOD path<tab>status` */
export function coverageOf(operations: readonly string[], log: string, notAsked = NOT_ASKED): Coverage {
  const answers = log.split('\n').flatMap((line) => {
    const [label, status] = line.split('\t');
    return label === undefined || status === undefined ? [] : [{ label, status }];
  });
  const asked = new Set(answers.flatMap(({ label, status }) => (status === '429' ? [] : [label])));
  const wanted = operations.filter((label) => !Object.hasOwn(notAsked, label));
  return {
    asked: wanted.filter((label) => asked.has(label)).length,
    askable: wanted.length,
    questions: answers.length,
    limited: answers.filter(({ status }) => status === '429').length,
    missing: wanted.filter((label) => !asked.has(label)),
  };
}
