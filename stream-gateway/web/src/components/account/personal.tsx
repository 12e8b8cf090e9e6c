// Favourites, recents and the chosen team of this person on this device, for every component.
import { createContext, type ReactNode, use, useCallback, useEffect, useState } from 'react';
import {
  addRecent,
  type Personal,
  readPersonal,
  type Storage,
  toggleFavourite,
  writePersonal,
} from '../../model/access/personal.ts';

interface PersonalStore {
  readonly personal: Personal;
  readonly toggleFavourite: (template: string) => void;
  readonly addRecent: (template: string) => void;
  readonly chooseTeam: (namespace: string) => void;
}

const PersonalContext = createContext<PersonalStore | null>(null);

export function PersonalProvider(props: { readonly person: string; readonly storage: Storage; readonly children: ReactNode }) {
  const { person, storage } = props;
  const [personal, setPersonal] = useState(() => readPersonal(storage, person));
  const change = useCallback(
    (next: (before: Personal) => Personal) => {
      setPersonal((before) => {
        const after = next(before);
        writePersonal(storage, person, after);
        return after;
      });
    },
    [person, storage],
  );
  useEffect(() => {
    // Another tab wrote.
    const reread = () => setPersonal(readPersonal(storage, person));
    window.addEventListener('storage', reread);
    return () => window.removeEventListener('storage', reread);
  }, [person, storage]);
  const store: PersonalStore = {
    personal,
    toggleFavourite: (template) => change((before) => toggleFavourite(before, template)),
    addRecent: (template) => change((before) => addRecent(before, template)),
    chooseTeam: (team) => change((before) => ({ ...before, team })),
  };
  return <PersonalContext value={store}>{props.children}</PersonalContext>;
}

export function usePersonal(): PersonalStore {
  const store = use(PersonalContext);
  if (store === null) throw new Error('no PersonalProvider around this component');
  return store;
}
