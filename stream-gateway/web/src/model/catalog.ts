// The catalog: search that forgives typing errors, facets with counts. Pure; 1,000 templates answer within 50 ms.
import MiniSearch from 'minisearch';
import type { TemplateView } from '../../../../schemas/api/api.ts';
import { templateRef } from './access/teams.ts';
import { quantityOf } from './quantity.ts';

export type SizeClass = 'small' | 'medium' | 'large';
export const SIZES: readonly SizeClass[] = ['small', 'medium', 'large'];

export interface CatalogFilter {
  readonly q: string;
  readonly category: string | null;
  readonly size: SizeClass | null;
}

export interface CatalogResult {
  readonly templates: readonly TemplateView[];
  /** Each facet counts what would be left with that choice and the other facets as they are. */
  readonly categories: readonly { readonly name: string; readonly count: number }[];
  readonly sizes: Readonly<Record<SizeClass, number>>;
}

export type TemplateSearch = (query: string) => readonly TemplateView[];

interface Indexed {
  readonly id: string;
  readonly displayName: string;
  readonly name: string;
  readonly tags: string;
  readonly categories: string;
  readonly summary: string;
}

/** Built once for a list; typing then only asks it. */
export function createTemplateSearch(templates: readonly TemplateView[]): TemplateSearch {
  const byId = new Map(templates.map((template) => [templateRef(template), template]));
  const index = new MiniSearch<Indexed>({
    fields: ['displayName', 'name', 'tags', 'categories', 'summary'],
    searchOptions: {
      boost: { displayName: 5, name: 4, tags: 2, categories: 2 },
      prefix: true,
      // A longer word may have more errors; a short one would match everything.
      fuzzy: (term) => (term.length < 4 ? false : term.length < 7 ? 0.3 : 0.35),
      maxFuzzy: 3,
    },
  });
  index.addAll([...byId].map(([id, template]) => indexed(id, template)));
  const find = (query: string, combineWith: 'AND' | 'OR') =>
    index.search(query, { combineWith }).flatMap(({ id }) => byId.get(String(id)) ?? []);
  return (query) => {
    if (query.trim() === '') return sorted(templates);
    const all = find(query, 'AND');
    return all.length > 0 ? all : find(query, 'OR');
  };
}

export function filterCatalog(search: TemplateSearch, { q, category, size }: CatalogFilter): CatalogResult {
  const found = search(q);
  const inCategory = ({ spec }: TemplateView) => category === null || spec.categories.includes(category);
  const ofSize = (template: TemplateView) => size === null || sizeOf(template) === size;
  const counts = new Map<string, number>();
  for (const { spec } of found.filter(ofSize)) {
    for (const name of spec.categories) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  if (category !== null && !counts.has(category)) counts.set(category, 0);
  const sizes = { small: 0, medium: 0, large: 0 };
  for (const template of found.filter(inCategory)) sizes[sizeOf(template)] += 1;
  return {
    templates: found.filter((template) => inCategory(template) && ofSize(template)),
    categories: [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => a.name.localeCompare(b.name)),
    sizes,
  };
}

/** By reserved memory: up to 1 GiB, up to 4 GiB, more. */
export function sizeOf({ spec }: TemplateView): SizeClass {
  const gib = quantityOf(spec.resources.memory) / 2 ** 30;
  if (gib <= 1) return 'small';
  return gib <= 4 ? 'medium' : 'large';
}

function sorted(templates: readonly TemplateView[]): readonly TemplateView[] {
  return [...templates].sort(
    (a, b) =>
      Number(b.spec.featured) - Number(a.spec.featured) ||
      a.spec.displayName.localeCompare(b.spec.displayName) ||
      templateRef(a).localeCompare(templateRef(b)),
  );
}

function indexed(id: string, { metadata, spec }: TemplateView): Indexed {
  return {
    id,
    displayName: spec.displayName,
    name: metadata.name,
    tags: spec.tags.join(' '),
    categories: spec.categories.join(' '),
    summary: spec.summary,
  };
}
