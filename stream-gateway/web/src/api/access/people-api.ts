// People and sign-ins, of oneself and of others.
import type { PersonDetail, PersonList, SignInView } from '../../../../../schemas/api/people.ts';
import type { PeopleSearch } from '../../routes/search.ts';

export interface PeopleApi {
  signIns(signal: AbortSignal): Promise<readonly SignInView[]>;
  endSignIn(id: string): Promise<void>;
  endOtherSignIns(): Promise<void>;
  people(search: PeopleSearch, cursor: string | null, signal: AbortSignal): Promise<PersonList>;
  person(name: string, signal: AbortSignal): Promise<PersonDetail>;
  lockPerson(name: string, reason: string): Promise<void>;
  unlockPerson(name: string): Promise<void>;
  endSignInsOf(name: string): Promise<void>;
  /** Of somebody who has lost them. */
  resetFactors(name: string): Promise<void>;
  deletePerson(name: string): Promise<void>;
}

interface PeopleApiPorts {
  get<T>(path: string, signal: AbortSignal): Promise<T>;
  change(method: 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
}

export function peopleApi({ get, change }: PeopleApiPorts): PeopleApi {
  const remove = async (path: string): Promise<void> => void (await change('DELETE', path));
  return {
    signIns: async (signal) => (await get<{ readonly items: readonly SignInView[] }>('/api/v1/me/sign-ins', signal)).items,
    endSignIn: (id) => remove(`/api/v1/me/sign-ins/${encodeURIComponent(id)}`),
    endOtherSignIns: () => remove('/api/v1/me/sign-ins'),
    people: ({ q, state }, cursor, signal) => {
      const query = new URLSearchParams({ limit: '50' });
      for (const [name, value] of Object.entries({ search: q, state, continue: cursor ?? undefined }))
        if (value !== undefined) query.set(name, value);
      return get(`/api/v1/people?${query}`, signal);
    },
    person: (name, signal) => get(pathOf(name), signal),
    lockPerson: async (name, reason) => void (await change('PUT', `${pathOf(name)}/lock`, { reason })),
    unlockPerson: (name) => remove(`${pathOf(name)}/lock`),
    resetFactors: (name) => remove(`${pathOf(name)}/factors`),
    endSignInsOf: (name) => remove(`${pathOf(name)}/sign-ins`),
    deletePerson: (name) => remove(pathOf(name)),
  };
}

function pathOf(name: string): string {
  return `/api/v1/people/${encodeURIComponent(name)}`;
}
