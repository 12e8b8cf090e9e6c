// What is chosen on the page of a Git source, as it stands in the address.
import { getRouteApi } from '@tanstack/react-router';
import { type SourceSearch, sourceSearch } from '../../routes/search.ts';

const route = getRouteApi('/shell/sources/$namespace/$name');

type Change = { readonly [K in keyof SourceSearch]: SourceSearch[K] | undefined };

/** The second changes some of it; `undefined` takes it out of the address. */
export function useSourceAddress(): readonly [SourceSearch, (change: Change) => void] {
  const navigate = route.useNavigate();
  const change = (fields: Change) =>
    void navigate({ search: (before) => sourceSearch({ ...before, ...fields }), replace: true, resetScroll: false });
  return [route.useSearch(), change];
}
