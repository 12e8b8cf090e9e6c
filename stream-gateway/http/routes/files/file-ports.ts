// What the routes about files have in common: their place, how a call gets in, and how its end is counted.
import type * as z from 'zod';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import type { DownloadPorts } from '../../../files/downloads.ts';
import type { Enter, Entered } from '../../../files/entrance.ts';
import type { FileMetrics } from '../../../files/file-metrics.ts';
import type { Uploads } from '../../../files/uploads.ts';
import type { Call } from '../../route.ts';
import type { objectPath } from '../parameters.ts';

export interface FilePorts extends DownloadPorts {
  readonly enter: Enter;
  readonly uploads: Uploads;
  readonly metrics: FileMetrics;
}

type SessionPath = z.infer<typeof objectPath>;
export type SessionCall = Pick<Call<SessionPath, unknown, unknown>, 'person' | 'params' | 'signal'>;

export const FILES = '/namespaces/{namespace}/sessions/{name}/files';
export const sessionOf = ({ namespace, name }: SessionPath): string => `Session/${namespace}/${name}`;
export const enterFor = (ports: FilePorts, { person, params, signal }: SessionCall): Promise<Entered> =>
  ports.enter({ person, ...params, signal });

/** Counts what fails with one of our codes; what passes is counted where its size is known. */
export async function counted<T>(metrics: FileMetrics, direction: 'up' | 'down', work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StreamSpaceError) metrics.transferred(direction, error.code, 0);
    throw error;
  }
}
