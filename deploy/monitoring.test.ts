// Alerts, dashboard and series name only what there is.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { ourMetrics } from '../schemas/generate/metrics-page.ts';
import { gitSyncStatus } from '../schemas/kinds/git-sync/git-sync-status.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
const metrics = ourMetrics();

/** `X_bucket`, `X_sum` and `X_count` are what a histogram `X` gives. */
function unknownIn(text: string): readonly string[] {
  const given = new Set(
    metrics.flatMap(({ name, type }) =>
      type === 'histogram' ? ['', '_bucket', '_sum', '_count'].map((end) => name + end) : [name],
    ),
  );
  return [...new Set(text.match(/\bstreamspace_[a-z_]+/g))].filter((name) => !given.has(name));
}

const rules = z.object({
  kind: z.literal('PrometheusRule'),
  spec: z.object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            alert: z.string(),
            expr: z.string(),
            labels: z.object({ severity: z.enum(['warning', 'critical']) }),
            annotations: z.object({ summary: z.string(), runbook: z.string() }),
          }),
        ),
      }),
    ),
  }),
});
const dashboard = z.object({
  panels: z.array(z.object({ id: z.number(), title: z.string(), targets: z.array(z.object({ expr: z.string() })).min(1) })),
});
const series = z.object({
  spec: z.object({ resources: z.array(z.object({ metrics: z.array(z.object({ each: z.record(z.string(), z.unknown()) })) })) }),
});

describe('P-00-1', () => {
  test('every alert has a runbook, and names metrics that are given', () => {
    const { spec } = rules.parse(parse(read('deploy/monitoring/alerts.yaml')));
    const all = spec.groups.flatMap((group) => group.rules);
    expect(all.length).toBeGreaterThan(5);
    expect(all.flatMap(({ expr }) => unknownIn(expr))).toEqual([]);
    expect(all.filter(({ expr }) => !expr.includes('streamspace_'))).toEqual([]);
  });

  test('every panel of the dashboard names metrics that are given, and labels that they have', () => {
    const { panels } = dashboard.parse(JSON.parse(read('deploy/monitoring/dashboard.json')));
    const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(expressions.flatMap(unknownIn)).toEqual([]);
    const wrong = expressions.filter((expr) => {
      const used = metrics.filter(({ name }) => new RegExp(`\\b${name}(_bucket|_sum|_count)?\\b`).test(expr));
      const labels = new Set(used.flatMap((metric) => metric.labels).concat('le', 'process'));
      return [...expr.matchAll(/by \(([^)]*)\)/g)].some(([, list = '']) => list.split(', ').some((label) => !labels.has(label)));
    });
    expect(wrong).toEqual([]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  test('no label holds the name of a person, a session or a GitSync', () => {
    const open = /^(name|namespace|person|user|session|gitsync|object|repository|url|revision|owner)$/;
    expect(metrics.filter(({ labels }) => labels.some((label) => open.test(label)))).toEqual([]);
  });

  test('the list of metrics is whole: each that the sources make is in it', () => {
    const sources = ['controller', 'stream-gateway', 'runtime'].flatMap((folder) =>
      readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('web/'))
        .map((path) => read(`${folder}/${path}`)),
    );
    const made = sources.flatMap((text) =>
      [...text.matchAll(/new (?:Counter|Gauge|Histogram)\(\{\s*name: '(streamspace_\w+)'/g)].map(([, name]) => name),
    );
    // One may be of both processes.
    expect([...new Set(made)].toSorted()).toEqual([...new Set(metrics.map(({ name }) => name))].toSorted());
  });

  test('the series of kube-state-metrics read fields that the status of a GitSync has', () => {
    const text = JSON.stringify(series.parse(parse(read('deploy/monitoring/kube-state-metrics.yaml'))));
    const fields = [...text.matchAll(/\["status","(\w+)"/g)].map(([, field]) => field);
    expect(fields.length).toBeGreaterThan(3);
    expect(fields.filter((field) => field === undefined || !Object.hasOwn(gitSyncStatus.shape, field))).toEqual([]);
  });
});
