// What a role gives, in few words. Pure.

export interface RuleOf {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

export interface RuleWords {
  readonly resources: string;
  readonly verbs: string;
}

const SHORT: readonly (readonly [word: string, verbs: readonly string[]])[] = [
  ['read', ['get', 'list', 'watch']],
  ['create', ['create']],
  ['change', ['update', 'patch']],
];

/** The three verbs that read are one word, the two that change another; what stands in several rules is said once. */
export function ruleWords(rules: readonly RuleOf[]): readonly RuleWords[] {
  const verbsOf = new Map<string, Set<string>>();
  for (const { resources, verbs } of rules)
    for (const resource of resources) verbsOf.set(resource, new Set([...(verbsOf.get(resource) ?? []), ...verbs]));
  const resourcesOf = new Map<string, string[]>();
  for (const [resource, verbs] of verbsOf) {
    const said = verbWords(verbs);
    resourcesOf.set(said, [...(resourcesOf.get(said) ?? []), resource]);
  }
  return [...resourcesOf].map(([verbs, resources]) => ({ verbs, resources: resources.join(', ') }));
}

function verbWords(verbs: ReadonlySet<string>): string {
  const short = SHORT.filter(([, all]) => all.every((verb) => verbs.has(verb)));
  const said = new Set(short.flatMap(([, all]) => all));
  return [...short.map(([word]) => word), ...[...verbs].filter((verb) => !said.has(verb))].join(', ');
}
