// Several DlpPolicies as one: the most restrictive wins, field by field. Pure; the order of the policies makes no difference.
import type { DlpPolicy } from '../../schemas/kinds/policies/dlp-policy.ts';
import {
  type ClipboardFormat,
  clipboardFormat,
  type DlpRules,
  MAX_CLIPBOARD_BYTES,
  MAX_MERGED_RULES,
  type MergedDlpRules,
  type MergedRegion,
  type MergedWatermark,
} from '../../schemas/kinds/policies/dlp-rules.ts';
import type { EffectivePolicy } from '../../schemas/kinds/policies/effective-policy.ts';
import { MAX_MERGED_TYPES, type MergedFileRules } from '../../schemas/kinds/policies/file-rules.ts';
import { simplestTypes } from '../../schemas/media-types.ts';
import { SCAN, TYPES } from './merge-files.ts';
import { AND, compare, fullName, intersectionOf, MAX, type Merging, MIN, sortedPolicies } from './merging.ts';

export interface MergedDlp {
  readonly dlp: MergedDlpRules;
  /** Of every field that is limited, in the order of the table. */
  readonly origins: EffectivePolicy['origins'];
}

const INTERSECTION: Merging<ClipboardFormat[]> = intersectionOf(clipboardFormat.options);

/** Of several marks one is shown, as a whole: the first of those that cover most. */
const STRONGEST: Merging<MergedWatermark> = {
  combine: (a, b) => (b.opacityPercent > a.opacityPercent ? b : a),
  measure: ({ opacityPercent }) => -opacityPercent,
};
const RECTANGLE: Merging<MergedRegion> = {
  combine(a, b) {
    const [left, top] = [Math.max(a.left, b.left), Math.max(a.top, b.top)];
    return {
      ...{ left, top },
      width: Math.max(0, Math.min(a.left + a.width, b.left + b.width) - left),
      height: Math.max(0, Math.min(a.top + a.height, b.top + b.height) - top),
    };
  },
  measure: ({ width, height }) => width * height,
};

/** How each field is merged, as the guide shows it. `clipboard.rules` and `files.denyTypes` are put together. */
export const DLP_MERGE = {
  'clipboard.up': { how: 'and', ...AND, of: ({ clipboard }: DlpRules) => clipboard?.up },
  'clipboard.down': { how: 'and', ...AND, of: ({ clipboard }: DlpRules) => clipboard?.down },
  'clipboard.maxBytes': { how: 'min', ...MIN, of: ({ clipboard }: DlpRules) => clipboard?.maxBytes },
  'clipboard.perMinute': { how: 'min', ...MIN, of: ({ clipboard }: DlpRules) => clipboard?.perMinute },
  'clipboard.formats': { how: 'intersection', ...INTERSECTION, of: ({ clipboard }: DlpRules) => clipboard?.formats },
  'clipboard.windowSeconds': { how: 'max', ...MAX, of: ({ clipboard }: DlpRules) => clipboard?.windowSeconds },
  'files.up': { how: 'and', ...AND, of: ({ files }: DlpRules) => files?.up },
  'files.down': { how: 'and', ...AND, of: ({ files }: DlpRules) => files?.down },
  'files.maxBytes': { how: 'min', ...MIN, of: ({ files }: DlpRules) => files?.maxBytes },
  'files.perMinute': { how: 'min', ...MIN, of: ({ files }: DlpRules) => files?.perMinute },
  'files.allowTypes': {
    how: 'intersection',
    ...TYPES,
    of: ({ files }: DlpRules) => (files?.allowTypes === undefined ? undefined : simplestTypes(files.allowTypes)),
  },
  'files.scan': { how: 'required', ...SCAN, of: ({ files }: DlpRules) => files?.scan },
  keysPerSecond: { how: 'min', ...MIN, of: ({ keysPerSecond }: DlpRules) => keysPerSecond },
  watermark: { how: 'strongest', ...STRONGEST, of: ({ watermark }: DlpRules) => watermark },
  region: { how: 'intersection', ...RECTANGLE, of: ({ region }: DlpRules) => region },
} as const;

interface Named {
  /** `namespace/name` */
  readonly name: string;
  readonly rules: DlpRules;
}

interface Limit<T> extends Merging<T> {
  readonly of: (rules: DlpRules) => T | undefined;
}

class Merge {
  readonly origins: { field: string; from: string }[] = [];
  readonly #policies: readonly Named[];

  constructor(policies: readonly Named[]) {
    this.#policies = policies;
  }

  limit(field: string, from: string): void {
    this.origins.push({ field, from: `DlpPolicy/${from}` });
  }

  /** `undefined` where nobody says anything. */
  least<T>(field: keyof typeof DLP_MERGE, { of, combine, measure }: Limit<T>): T | undefined;
  least<T>(field: keyof typeof DLP_MERGE, limit: Limit<T>, neutral: T): T;
  least<T>(field: keyof typeof DLP_MERGE, { of, combine, measure }: Limit<T>, neutral?: T): T | undefined {
    const given = this.#policies.flatMap(({ name, rules }) => {
      const value = of(rules);
      return value === undefined ? [] : [{ name, value, measure: measure(value) }];
    });
    const least = Math.min(...given.map((each) => each.measure));
    const origin = given.find((each) => each.measure === least);
    // What leaves a field as it would be without it limits nothing.
    if (origin !== undefined && (neutral === undefined || least < measure(neutral))) this.limit(field, origin.name);
    return given.reduce<T | undefined>((merged, { value }) => (merged === undefined ? value : combine(merged, value)), neutral);
  }

  /** Sorted, so that the order in which somebody wrote them does not count. */
  rules(): MergedDlpRules['clipboard']['rules'] {
    return this.#policies.flatMap(({ name: policy, rules }) =>
      (rules.clipboard?.rules ?? [])
        .map(({ name, detector, pattern, action, direction }) => ({
          policy,
          name,
          ...(detector === undefined ? {} : { detector }),
          ...(pattern === undefined ? {} : { pattern }),
          action,
          direction,
        }))
        .toSorted((a, b) => compare(a.name, b.name)),
    );
  }

  files(): MergedFileRules {
    const denyTypes = this.#policies.flatMap(({ name: policy, rules }) =>
      simplestTypes(rules.files?.denyTypes ?? []).map((type) => ({ policy, type })),
    );
    const up = this.least('files.up', DLP_MERGE['files.up'], true);
    const down = this.least('files.down', DLP_MERGE['files.down'], true);
    const maxBytes = this.least('files.maxBytes', DLP_MERGE['files.maxBytes']);
    const perMinute = this.least('files.perMinute', DLP_MERGE['files.perMinute']);
    const allowTypes = this.least('files.allowTypes', DLP_MERGE['files.allowTypes']);
    const scan = this.least('files.scan', DLP_MERGE['files.scan'], 'None');
    return {
      ...{ up, down, denyTypes, scan },
      ...(maxBytes === undefined ? {} : { maxBytes }),
      ...(perMinute === undefined ? {} : { perMinute }),
      ...(allowTypes === undefined ? {} : { allowTypes }),
    };
  }
}

/** @param policies those that apply to one session. None: nothing is limited. */
export function mergeDlp(policies: readonly DlpPolicy[]): MergedDlp {
  const merge = new Merge(sortedPolicies(policies).map((policy) => ({ name: fullName(policy), rules: policy.spec })));
  const rules = merge.rules();
  const up = merge.least('clipboard.up', DLP_MERGE['clipboard.up'], true);
  const down = merge.least('clipboard.down', DLP_MERGE['clipboard.down'], true);
  const maxBytes = merge.least('clipboard.maxBytes', DLP_MERGE['clipboard.maxBytes'], MAX_CLIPBOARD_BYTES);
  const perMinute = merge.least('clipboard.perMinute', DLP_MERGE['clipboard.perMinute']);
  const formats = merge.least('clipboard.formats', DLP_MERGE['clipboard.formats'], clipboardFormat.options);
  const windowSeconds = merge.least('clipboard.windowSeconds', DLP_MERGE['clipboard.windowSeconds'], 0);
  const files = merge.files();
  const keysPerSecond = merge.least('keysPerSecond', DLP_MERGE.keysPerSecond);
  const watermark = merge.least('watermark', DLP_MERGE.watermark);
  const region = merge.least('region', DLP_MERGE.region);
  const clipboard = {
    ...{ up, down, maxBytes, formats, windowSeconds, rules },
    ...(perMinute === undefined ? {} : { perMinute }),
  };
  const dlp = {
    ...{ clipboard, files },
    ...(keysPerSecond === undefined ? {} : { keysPerSecond }),
    ...(watermark === undefined ? {} : { watermark }),
    ...(region === undefined ? {} : { region }),
  };
  return withinLimits({ dlp, origins: merge.origins });
}

/** A status has room for so many rules. What the others would have found is unknown, so nothing passes. */
function withinLimits({ dlp, origins }: { readonly dlp: Mergeable; readonly origins: MergedDlp['origins'] }): MergedDlp {
  const { clipboard, files } = dlp;
  const closed = [
    ...closedBy(clipboard.rules[MAX_MERGED_RULES]?.policy, ['clipboard.up', 'clipboard.down']),
    ...closedBy(files.denyTypes[MAX_MERGED_TYPES]?.policy, ['files.up', 'files.down']),
  ];
  if (closed.length === 0) return { dlp, origins };
  const isOpen = (field: string): boolean => !closed.some((each) => each.field === field);
  const rules = clipboard.rules.slice(0, MAX_MERGED_RULES);
  const denyTypes = files.denyTypes.slice(0, MAX_MERGED_TYPES);
  return {
    dlp: {
      ...dlp,
      clipboard: {
        ...{ ...clipboard, rules },
        ...{ up: clipboard.up && isOpen('clipboard.up'), down: clipboard.down && isOpen('clipboard.down') },
      },
      files: { ...files, denyTypes, up: files.up && isOpen('files.up'), down: files.down && isOpen('files.down') },
    },
    origins: [...closed, ...origins.filter(({ field }) => isOpen(field))],
  };
}

type Mergeable = MergedDlpRules & { readonly files: MergedFileRules };

/** @param beyond the first policy without room */
function closedBy(beyond: string | undefined, fields: readonly string[]): MergedDlp['origins'] {
  return beyond === undefined ? [] : fields.map((field) => ({ field, from: `DlpPolicy/${beyond}` }));
}
