// The most restrictive wins, field by field: laws that hold for any policies, and the origins that are told.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DlpPolicy } from '../../schemas/kinds/policies/dlp-policy.ts';
import {
  clipboardFormat,
  type DlpRules,
  dlpRules,
  MAX_CLIPBOARD_BYTES,
  MAX_MERGED_RULES,
  type MergedDlpRules,
  mergedDlpRules,
} from '../../schemas/kinds/policies/dlp-rules.ts';
import { anyPolicies, policy } from './fixtures.ts';
import { DLP_MERGE, mergeDlp } from './merge-dlp.ts';
import { fullName, sortedPolicies } from './merging.ts';

const NEUTRAL: MergedDlpRules = {
  clipboard: {
    up: true,
    down: true,
    maxBytes: MAX_CLIPBOARD_BYTES,
    formats: ['text', 'rtf', 'html', 'dib', 'files'],
    windowSeconds: 0,
    rules: [],
  },
  files: { up: true, down: true, denyTypes: [], scan: 'None' },
};

/** What one policy asks for, as far as it says anything. */
type Beside = 'keysPerSecond' | 'watermark' | 'region';
type Asked = NonNullable<DlpRules['clipboard']> & Pick<DlpRules, Beside>;
type Strict = Omit<MergedDlpRules['clipboard'], 'rules'> & Pick<MergedDlpRules, Beside>;

/** Written out for each field once more, apart from the table: whether `merged` lets through nothing that `asked` does not. */
const NO_LOOSER: Readonly<Record<keyof Strict, (merged: Strict, asked: Asked) => boolean>> = {
  up: (merged, { up }) => up !== false || !merged.up,
  down: (merged, { down }) => down !== false || !merged.down,
  maxBytes: (merged, { maxBytes }) => maxBytes === undefined || merged.maxBytes <= maxBytes,
  perMinute: ({ perMinute }, asked) => asked.perMinute === undefined || (perMinute !== undefined && perMinute <= asked.perMinute),
  formats: (merged, { formats }) => formats === undefined || merged.formats.every((format) => formats.includes(format)),
  windowSeconds: (merged, { windowSeconds }) => windowSeconds === undefined || merged.windowSeconds >= windowSeconds,
  keysPerSecond: ({ keysPerSecond }, asked) =>
    asked.keysPerSecond === undefined || (keysPerSecond !== undefined && keysPerSecond <= asked.keysPerSecond),
  watermark: ({ watermark }, asked) =>
    asked.watermark === undefined || (watermark !== undefined && watermark.opacityPercent >= asked.watermark.opacityPercent),
  region: ({ region }, { region: asked }) =>
    asked === undefined ||
    (region !== undefined &&
      (region.width === 0 ||
        region.height === 0 ||
        (region.left >= asked.left &&
          region.top >= asked.top &&
          region.left + region.width <= asked.left + asked.width &&
          region.top + region.height <= asked.top + asked.height))),
};

const beside = ({ keysPerSecond, watermark, region }: Pick<DlpRules, Beside>): Pick<DlpRules, Beside> => ({
  ...(keysPerSecond === undefined ? {} : { keysPerSecond }),
  ...(watermark === undefined ? {} : { watermark }),
  ...(region === undefined ? {} : { region }),
});

function expectNoLooser(merged: MergedDlpRules, asked: Asked, what: string): void {
  const strict = { ...merged.clipboard, ...beside(merged) };
  for (const [field, holds] of Object.entries(NO_LOOSER)) expect(holds(strict, asked), `${field} ${what}`).toBe(true);
}

const ruleNames = ({ clipboard }: MergedDlpRules): readonly string[] =>
  clipboard.rules.map(({ policy: from, name, ...rule }) => `${from}/${name} ${JSON.stringify(rule)}`);

/** A merged policy as if somebody had written it, but for what carries names of others. */
function asPolicy(name: string, { clipboard, files, ...others }: MergedDlpRules): DlpPolicy {
  const { rules: _rules, ...clipboardLimits } = clipboard;
  const { denyTypes: _types, ...fileLimits } = files ?? {};
  return policy(name, { clipboard: clipboardLimits, files: fileLimits, ...others });
}

/** Without rules: in a merged policy they carry names of others. */
const limitsOf = (policies: readonly DlpPolicy[]): MergedDlpRules => {
  const { dlp } = mergeDlp(policies);
  const files = dlp.files === undefined ? {} : { files: { ...dlp.files, denyTypes: [] } };
  return { ...dlp, clipboard: { ...dlp.clipboard, rules: [] }, ...files };
};

describe('laws', () => {
  test('the order of the policies makes no difference, to a field or to an origin', () => {
    fc.assert(
      fc.property(anyPolicies(), fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (policies, chance) => {
        const weighed = policies.map((each) => ({ each, weight: chance.next().value ?? 0 }));
        const shuffled = weighed.toSorted((a, b) => a.weight - b.weight).map(({ each }) => each);
        expect(mergeDlp(shuffled)).toEqual(mergeDlp(policies));
      }),
    );
  });

  test('merging parts and then their results is merging all', () => {
    fc.assert(
      fc.property(anyPolicies(), fc.nat({ max: 6 }), (unsorted, cut) => {
        const policies = sortedPolicies(unsorted); // of marks that are as strong the first counts
        const parts = [policies.slice(0, cut), policies.slice(cut)];
        const merged = parts.map((part, index) => asPolicy(`streamspace/part-${index}`, mergeDlp(part).dlp));
        expect(limitsOf(merged)).toEqual(limitsOf(policies));
        const rules = parts.flatMap((part) => ruleNames(mergeDlp(part).dlp));
        expect(rules.toSorted()).toEqual(ruleNames(mergeDlp(policies).dlp).toSorted());
      }),
    );
  });

  test('what is given twice counts once', () => {
    fc.assert(
      fc.property(anyPolicies(), (policies) => {
        const again = policies.map((each) => asPolicy(`${fullName(each)}-again`, limitsOf([each])));
        expect(limitsOf([...policies, ...again])).toEqual(limitsOf(policies));
      }),
    );
  });

  test('no field is looser than any policy asks for, and every rule of every policy is there', () => {
    fc.assert(
      fc.property(anyPolicies(), (policies) => {
        const { dlp } = mergeDlp(policies);
        for (const { spec, metadata } of policies) expectNoLooser(dlp, { ...spec.clipboard, ...beside(spec) }, metadata.name);
        const wanted = policies.flatMap(({ spec, metadata }) =>
          (spec.clipboard?.rules ?? []).map(({ name }) => `${metadata.namespace}/${metadata.name}/${name}`),
        );
        expect(dlp.clipboard.rules.map((rule) => `${rule.policy}/${rule.name}`).toSorted()).toEqual(wanted.toSorted());
      }),
    );
  });

  test('one policy more loosens nothing', () => {
    fc.assert(
      fc.property(anyPolicies(), (policies) => {
        const before = mergeDlp(policies.slice(1)).dlp;
        const after = mergeDlp(policies).dlp;
        expectNoLooser(after, { ...before.clipboard, ...beside(before), rules: [] }, 'than before');
        expect(ruleNames(after)).toEqual(expect.arrayContaining([...ruleNames(before)]));
      }),
    );
  });

  test('what comes out is what the status of a session may hold', () => {
    fc.assert(
      fc.property(anyPolicies(), (policies) => {
        for (const { spec } of policies) expect(dlpRules.safeParse(spec).success).toBe(true);
        expect(mergedDlpRules.strict().safeParse(mergeDlp(policies).dlp)).toMatchObject({ success: true });
      }),
    );
  });
});

test('the guide says how each field is merged, in the order of the table', () => {
  const guide = readFileSync(new URL('../../docs/guides/data-loss-prevention.md', import.meta.url), 'utf8');
  const rows = [...guide.matchAll(/^\| `((?:clipboard|files|keys|watermark|region)[.\w]*)` +\| (\w+) /gm)].map(
    ([, field = '', how = '']) => [field, how],
  );
  const table = Object.entries(DLP_MERGE).map(([field, { how }]) => [field, how]);
  expect(rows.toSorted()).toEqual([...table, ['clipboard.rules', 'union'], ['files.denyTypes', 'union']].toSorted());
});

describe('origins', () => {
  const fields = Object.keys(DLP_MERGE);

  test('a field has one exactly when it is limited, and that policy alone gives the same value', () => {
    fc.assert(
      fc.property(anyPolicies(), (policies) => {
        const { dlp, origins } = mergeDlp(policies);
        const fieldIn = (dlp: MergedDlpRules, field: string): unknown => {
          const [first = '', second] = field.split('.');
          const group = second === undefined ? dlp : first === 'files' ? dlp.files : dlp.clipboard;
          return new Map<string, unknown>(Object.entries(group ?? {})).get(second ?? first);
        };
        expect(origins.map(({ field }) => field)).toEqual(
          fields.filter((field) => JSON.stringify(fieldIn(dlp, field)) !== JSON.stringify(fieldIn(NEUTRAL, field))),
        );
        for (const { field, from } of origins) {
          const own = policies.filter(({ metadata }) => from === `DlpPolicy/${metadata.namespace}/${metadata.name}`);
          // An intersection may be smaller than each of its parts.
          if (!['clipboard.formats', 'files.allowTypes', 'region'].includes(field))
            expect(fieldIn(mergeDlp(own).dlp, field), field).toEqual(fieldIn(dlp, field));
        }
      }),
    );
  });

  test('without a policy nothing is limited, and a policy that says so too limits nothing', () => {
    expect(mergeDlp([])).toEqual({ dlp: NEUTRAL, origins: [] });
    const open = { up: true, down: true, maxBytes: MAX_CLIPBOARD_BYTES, formats: [...clipboardFormat.options], windowSeconds: 0 };
    expect(mergeDlp([policy('streamspace/open', { clipboard: open })])).toEqual({ dlp: NEUTRAL, origins: [] });
  });

  test('of several that are as strict, the first by namespace and name; of formats, who leaves the fewest', () => {
    const { origins, dlp } = mergeDlp([
      policy('team-web/own', { clipboard: { up: false, formats: ['html'], maxBytes: 100 } }),
      policy('streamspace/b', { clipboard: { up: false, formats: ['text', 'html'] } }),
      policy('streamspace/a', { clipboard: { up: true, maxBytes: 200 } }),
    ]);
    expect(dlp.clipboard).toMatchObject({ up: false, formats: ['html'], maxBytes: 100 });
    expect(origins).toEqual([
      { field: 'clipboard.up', from: 'DlpPolicy/streamspace/b' },
      { field: 'clipboard.maxBytes', from: 'DlpPolicy/team-web/own' },
      { field: 'clipboard.formats', from: 'DlpPolicy/team-web/own' },
    ]);
  });

  test('regions that do not meet leave nothing visible; of marks that are as strong the first is shown as a whole', () => {
    const mark = (text: string, opacityPercent: number) =>
      ({ text, opacityPercent, position: 'Tiled', refreshSeconds: 60 }) as const;
    const { dlp, origins } = mergeDlp([
      policy('streamspace/c', { watermark: mark('c', 20) }),
      policy('streamspace/b', { watermark: mark('b', 20), region: { left: 0, top: 0, width: 10, height: 10 } }),
      policy('streamspace/a', { watermark: mark('a', 5), region: { left: 20, top: 5, width: 9, height: 9 } }),
    ]);
    expect(dlp).toMatchObject({ watermark: mark('b', 20), region: { left: 20, top: 5, width: 0, height: 5 } });
    expect(origins).toEqual([
      { field: 'watermark', from: 'DlpPolicy/streamspace/b' },
      { field: 'region', from: 'DlpPolicy/streamspace/a' },
    ]);
  });

  test('of zero nothing passes: it is a limit and not the lack of one', () => {
    const { dlp, origins } = mergeDlp([policy('a/b', { clipboard: { maxBytes: 0, perMinute: 0, formats: [] } })]);
    expect(dlp.clipboard).toMatchObject({ maxBytes: 0, perMinute: 0, formats: [] });
    expect(origins).toHaveLength(3);
  });

  test('more rules than a status can hold close the clipboard, and the first policy without room is named', () => {
    const names = Array.from({ length: 32 }, (_, index) => `r${String(index).padStart(2, '0')}`);
    const full = { clipboard: { rules: names.map((name) => ({ name, pattern: 'x', action: 'Report', direction: 'Both' })) } };
    const policies = Array.from({ length: 17 }, (_, index) =>
      policy(`streamspace/p${String(index).padStart(2, '0')}`, dlpRules.parse(full)),
    );
    expect(mergeDlp(policies.slice(0, 16)).dlp.clipboard).toMatchObject({ up: true, down: true });
    const { dlp, origins } = mergeDlp(policies);
    expect(dlp.clipboard).toMatchObject({ up: false, down: false });
    expect(dlp.clipboard.rules).toHaveLength(MAX_MERGED_RULES);
    expect(origins).toEqual([
      { field: 'clipboard.up', from: 'DlpPolicy/streamspace/p16' },
      { field: 'clipboard.down', from: 'DlpPolicy/streamspace/p16' },
    ]);
  });
});
