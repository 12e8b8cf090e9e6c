// Sets of small objects for the benchmarks.

/** `count` ConfigMaps, as one file of YAML. `changed` differs from what it was in the one of that index. */
export function configMaps(
  prefix: string,
  namespace: string,
  count: number,
  changed?: { readonly index: number; readonly to: string },
): string {
  return Array.from({ length: count }, (_, index) => {
    const value = changed?.index === index ? changed.to : String(index);
    return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${prefix}-${index}, namespace: ${namespace}, labels: {bench: ${prefix}}}\ndata: {index: "${value}"}\n`;
  }).join('---\n');
}
