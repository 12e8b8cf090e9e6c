// A route of /api/v1 as data. Router, OpenAPI document and the table of the rights test are all made of the same list, so
// they cannot differ.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Response } from 'express';
import * as z from 'zod';
import type { ApiArea, ApiScope } from '../../schemas/api/api-keys.ts';
import type { StreamSpaceError } from '../../schemas/errors.ts';
import type { AuditEvent, AuditEventType } from '../../schemas/events.ts';
import type { Identity } from '../auth/identity.ts';
import type { StepUpFor } from '../auth/step-up.ts';
import type { Person } from '../store/people.ts';
import { type FieldProblem, requestInvalid } from './problem.ts';

/** A request after it was authenticated and parsed. */
export interface Call<Params, Query, Body> {
  readonly person: Person;
  readonly identity: Identity;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly headers: IncomingHttpHeaders;
  readonly sourceAddress: string;
  /** The bytes of a route that takes them; of any other its body has been read. */
  readonly incoming: IncomingMessage;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  /** Left out: no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** What became known on the way, for the event of a changing route. */
  readonly audited?: Pick<AuditEvent, 'object' | 'details'> & {
    /** Left out: the caller. */
    readonly actor?: string;
    /** Left out: the one of the route. */
    readonly type?: AuditEventType;
  };
}

/** Takes over the response; resolves when it has ended. */
export type Streaming = (res: Response) => Promise<void>;

/** A body of bytes, which is sent after the event about it is written. Disposed in any case. */
export interface BytesAnswer extends AsyncDisposable {
  readonly send: Streaming;
  readonly audited: NonNullable<Answer['audited']>;
}

/** A schema by the name that it has in the OpenAPI document. */
export interface NamedSchema {
  readonly name: string;
  readonly schema: z.ZodType;
  /** Default: application/json. */
  readonly mediaType?: string;
}

const AREA_OF_TAG = {
  Access: 'access',
  Audit: 'audit',
  Changes: 'changes',
  Files: 'files',
  Git: 'git',
  Me: 'me',
  Meta: 'meta',
  People: 'people',
  Recordings: 'recordings',
  Sessions: 'sessions',
  Sharing: 'sharing',
  Templates: 'templates',
} as const satisfies Readonly<Record<string, ApiArea>>;
/** Under which the OpenAPI document lists it. */
export type Tag = keyof typeof AREA_OF_TAG;

export interface RouteDescription {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As in OpenAPI: `/namespaces/{namespace}/sessions`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: Tag;
  /** What an API key may be narrowed to. Left out: named after the tag. */
  readonly area?: ApiArea;
  /** By status; `null` for an answer without a body. */
  readonly responses: Readonly<Record<number, NamedSchema | null>>;
  /** It answers `Accept: text/event-stream` too. */
  readonly streams?: boolean;
  /** Its body is bytes and no JSON. */
  readonly takesBytes?: true;
  /** Its answer is bytes of this media type, or of one of these. */
  readonly givesBytes?: string | readonly string[];
  /** Nobody need be signed in; `knownIfSignedIn` takes whoever is as who he is. */
  readonly public?: true | 'knownIfSignedIn';
  /** It takes a sign-in, too, whose second factor is still missing. */
  readonly waiting?: 'too';
  /**
   * A second factor has to have been given a short time ago, where a policy says so. Policies of `{namespace}` in the path count beside
   * those of the system. `askedBy: 'handler'`: only there is known what it is about.
   */
  readonly stepUp?: { readonly for: StepUpFor; readonly askedBy?: 'handler' };
  /**
   * Every route that changes something outside of the gateway, or hands content out, has one: exactly one event a call, whatever
   * comes of it.
   */
  readonly audit?: AuditEventType;
  /** In place of `request.refused`, where it is not the right that is missing. */
  readonly refused?: AuditEventType;
}

interface TypedRoute<Params, Query, Body> extends RouteDescription {
  readonly params?: z.ZodType<Params>;
  readonly query?: z.ZodType<Query>;
  readonly body?: { readonly name: string; readonly schema: z.ZodType<Body> };
  /** The object of the event, as far as the address says it. */
  readonly object?: (params: Params) => string;
  readonly handle: (call: Call<Params, Query, Body>) => Promise<Answer | Streaming | BytesAnswer>;
}

export interface RawCall extends Omit<Call<unknown, unknown, unknown>, 'person'> {}

/** A route whose types have done their work. */
export interface Route extends RouteDescription {
  readonly schemas: {
    readonly params: z.ZodType | undefined;
    readonly query: z.ZodType | undefined;
    readonly body: NamedSchema | undefined;
  };
  readonly objectOf: (params: unknown) => string | undefined;
  /** Parses, then does. @throws StreamSpaceError `RequestInvalid` */
  readonly run: (call: RawCall) => Promise<Answer | Streaming | BytesAnswer>;
}

/** The scope that an API key needs for it. */
export function scopeOf(route: Pick<RouteDescription, 'method' | 'tag' | 'area'>): ApiScope {
  return `${route.area ?? AREA_OF_TAG[route.tag]}:${route.method === 'get' ? 'read' : 'write'}`;
}

const nothing = z.object({});

export function route<Params = object, Query = object, Body = undefined>(typed: TypedRoute<Params, Query, Body>): Route {
  const { params, query, body, object, handle, ...description } = typed;
  return {
    ...description,
    schemas: { params, query, body },
    objectOf: (raw) => {
      const parsed = params?.safeParse(raw);
      return parsed?.success === true ? object?.(parsed.data) : undefined;
    },
    run: async (call) =>
      handle({
        ...call,
        person: call.identity.person,
        params: parse(params ?? nothing, call.params, 'path') as Params,
        query: parse(query ?? nothing, call.query, 'query') as Query,
        body: (body === undefined ? undefined : parse(body.schema, call.body, 'body')) as Body,
      }),
  };
}

/** Fields are named as in a path (`spec.template`); the messages of zod repeat no value. */
function parse(schema: z.ZodType, value: unknown, place: 'path' | 'query' | 'body'): unknown {
  refuseNull(value, place);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields: readonly FieldProblem[] = result.error.issues.map((issue) => ({
    path: issue.path.length === 0 ? place : issue.path.map(String).join('.'),
    message: issue.message,
  }));
  throw requestInvalid(
    `the ${place} is not as it should be: ${fields.map((field) => `${field.path}: ${field.message}`).join('; ')}`,
    fields,
  );
}

/** U+0000 is a character that no text of PostgreSQL can hold, and no name of Kubernetes: refused here, it need not be thought of anywhere. */
function refuseNull(value: unknown, place: 'path' | 'query' | 'body'): void {
  // Not by recursion: how deep a body is, is up to whoever sends it.
  const left: { readonly at: string; readonly value: unknown }[] = [{ at: '', value }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const path = next.at === '' ? place : next.at;
    if (typeof next.value === 'string' && next.value.includes('\u0000')) throw holdsNull(place, path);
    if (typeof next.value !== 'object' || next.value === null) continue;
    for (const [name, each] of Object.entries(next.value)) {
      if (name.includes('\u0000')) throw holdsNull(place, path);
      left.push({ at: next.at === '' ? name : `${next.at}.${name}`, value: each });
    }
  }
}

function holdsNull(place: 'path' | 'query' | 'body', path: string): StreamSpaceError {
  const message = 'leave out the character U+0000';
  return requestInvalid(`the ${place} is not as it should be: ${path}: ${message}`, [{ path, message }]);
}
