// The OpenAPI 3.1 document, from the same table as the router.
import * as z from 'zod';
import { problem } from '../../schemas/api/api.ts';
import { type NamedSchema, type Route, scopeOf } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

export interface ApiInfo {
  readonly title: string;
  readonly version: string;
  /** Where the API is, such as `https://desktops.example.com/api/v1`. */
  readonly url: string;
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' });
  return rest;
}

/** A schema that refers into itself does so from where it stands in the document. */
function placed(schema: Json, at: string): Json {
  return JSON.parse(JSON.stringify(schema, (key, value: unknown) => (key === '$ref' ? moved(value, at) : value))) as Json;
}

const moved = (ref: unknown, at: string): unknown => (typeof ref === 'string' && ref.startsWith('#') ? at + ref.slice(1) : ref);

export function openApiOf(routes: readonly Route[], info: ApiInfo): Json {
  const components = new Map<string, Json>([['Problem', jsonSchema(problem, 'output')]]);
  const refTo = ({ name, schema }: NamedSchema, io: 'input' | 'output'): Json => {
    if (!components.has(name)) components.set(name, placed(jsonSchema(schema, io), `#/components/schemas/${name}`));
    return { $ref: `#/components/schemas/${name}` };
  };
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route, refTo) };
  }
  return {
    openapi: '3.1.0',
    info: { title: info.title, version: info.version },
    servers: [{ url: info.url }],
    security: [{ apiKey: [] }, { signIn: [] }],
    paths,
    components: {
      schemas: Object.fromEntries([...components].sort(([left], [right]) => left.localeCompare(right))),
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key, made under My account, or the token of a machine of a team.',
        },
        signIn: {
          type: 'apiKey',
          in: 'cookie',
          name: info.url.startsWith('https:') ? '__Host-streamspace_session' : 'streamspace_session',
          description: 'With X-CSRF-Token for changes.',
        },
      },
    },
  };
}

function operationOf(route: Route, refTo: (schema: NamedSchema, io: 'input' | 'output') => Json): Json {
  const { params, query, body } = route.schemas;
  const responses = Object.entries(route.responses).map(([status, answer]) => {
    const types = route.givesBytes === undefined ? [] : [route.givesBytes].flat();
    const given = types.length === 0 ? undefined : Object.fromEntries(types.map((type) => [type, { schema: BYTES }]));
    const content = answer === null ? given : contentOf(route, answer.mediaType, refTo(answer, 'output'));
    return [status, { description: status === '204' ? 'Done.' : route.summary, ...(content === undefined ? {} : { content }) }];
  });
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    // OpenAPI 3.1 lets any scheme name roles: here the scope that a narrowed key needs.
    security: route.public === undefined ? [{ apiKey: [scopeOf(route)] }, { signIn: [] }] : [],
    ...(route.stepUp === undefined ? {} : { 'x-streamspace-step-up': route.stepUp.for }),
    parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query'), ...headersOf(route)],
    ...(route.takesBytes === true
      ? { requestBody: { required: true, content: { 'application/octet-stream': { schema: BYTES } } } }
      : {}),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              [route.method === 'patch' ? 'application/merge-patch+json' : 'application/json']: { schema: refTo(body, 'input') },
            },
          },
        }),
    responses: {
      ...Object.fromEntries(responses),
      default: {
        description: 'A problem (RFC 9457).',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

/** OpenAPI 3.1: bytes have no schema but this. */
const BYTES = { type: 'string', contentMediaType: 'application/octet-stream' } as const;

function contentOf(route: Route, mediaType: string | undefined, schema: Json): Json {
  return {
    [mediaType ?? 'application/json']: { schema },
    ...(route.streams === true ? { 'text/event-stream': { schema: { type: 'string' } } } : {}),
  };
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): readonly Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as { properties?: Json; required?: readonly string[] };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function headersOf(route: Route): readonly Json[] {
  const header = (name: string, description: string): Json => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  });
  return [
    ...(route.streams === true ? [header('Last-Event-ID', 'Resume a watched list after this event.')] : []),
    ...(route.operationId === 'createSession'
      ? [header('Idempotency-Key', 'Repeats within 24 hours give the same answer.')]
      : []),
    ...(route.method === 'patch' || route.operationId === 'deleteSession'
      ? [header('If-Match', 'The resourceVersion that the change is meant for.')]
      : []),
  ];
}
