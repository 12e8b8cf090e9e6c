// A desktop that is recorded, watched in the page while it still is: what the canvas shows is what `frameAt` finds.
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { RecordingList, RecordingSegmentList } from '../../schemas/api/recordings.ts';
import { frameAt, type RecordingSource } from '../../stream-gateway/recording/playback/frame-at.ts';
import { apiAs, runningSession } from '../support/api.ts';
import { type AuditRow, databaseOf } from '../support/audit.ts';
import { canvasFingerprint, keepPicture, openBrowser, signedIn } from '../support/browser.ts';
import { cloneAs } from '../support/clone.ts';
import { kubectl } from '../support/kubectl.ts';
import { personOf } from '../support/servers.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
});

const NAME = `watched-${randomUUID().slice(0, 6)}`;
const POLICY = `apiVersion: streamspace.io/v1alpha1
kind: RecordingPolicy
metadata:
  name: ${NAME}
  namespace: team-web
spec:
  targets:
    cel: session.metadata.name == "${NAME}"
  record: Always
  segmentSeconds: 10
  events:
    input: true
`;
const BUSY = 'for i in $(seq 900); do printf "\\033[3$((i % 8))mline $i of it\\n"; sleep 0.05; done';

/** Its closed segments as they are stored, by the API as a program uses it. */
async function sourceOf(id: string): Promise<RecordingSource> {
  const { body } = await apiAs(servers, 'member').get<RecordingSegmentList>(`/recordings/${id}/segments`);
  const authorization = `Bearer ${personOf(servers, 'member').apiKey}`;
  return {
    segments: body.items.map(({ number, startMs, durationMs, bytes }) => ({
      ...{ file: String(number), startMs, bytes, endMs: startMs + durationMs },
    })),
    read: async (number, { from, to }) => {
      const answer = await fetch(`${servers.url}/api/v1/recordings/${id}/segments/${number}`, {
        headers: { authorization, range: `bytes=${from}-${to - 1}` },
      });
      return Buffer.from(await answer.arrayBuffer());
    },
  };
}

/** As `canvasFingerprint` makes it of a canvas. */
async function hashAt(source: RecordingSource, ms: number): Promise<number | undefined> {
  const frame = await frameAt(source, ms);
  if (frame === undefined) return undefined;
  let hash = 0;
  for (let at = 0; at < frame.bytes.length; at += 4) {
    const [red = 0, green = 0, blue = 0] = frame.bytes.subarray(at, at + 3);
    hash = (Math.imul(hash, 31) + ((red << 16) | (green << 8) | blue)) | 0;
  }
  return hash;
}

/** @returns numbers of the segments that the page asks for from now on */
function segmentsAskedFor(page: Page): Set<string> {
  const asked = new Set<string>();
  page.on('request', (request) => {
    const number = /\/segments\/(\d+)\/records$/.exec(request.url())?.[1];
    if (number !== undefined) asked.add(number);
  });
  return asked;
}

test('G-57 G-63 a recording is watched while it grows, and any place is pixel-identical, from two segments at most', async () => {
  await using clone = await cloneAs(servers, 'lead');
  await clone.push('Record one desktop', { [`policies/${NAME}.yaml`]: POLICY });
  await eventually('the policy is there', async () =>
    (await kubectl(servers, ['get', 'recordingpolicies', '-n', 'team-web', '-o', 'name'])).includes(NAME),
  );
  await using _session = await runningSession(servers, NAME, 'member');
  const { context, page } = await signedIn(browser, servers, 'member');
  await page.goto(`${servers.url}/s/team-web/${NAME}`);
  await page.locator('canvas').waitFor({ timeout: 60_000 });
  await eventually('the desktop shows a picture', async () => (await canvasFingerprint(page)).colours > 4);
  await page.locator('canvas').click();
  await page.keyboard.type(`${BUSY}\n`);

  const api = apiAs(servers, 'member');
  const listed = async () =>
    (await api.get<RecordingList>(`/recordings?session=${encodeURIComponent(`team-web/${NAME}`)}`)).body.items[0];
  const { id } = await eventually(
    'three segments are closed',
    async () => {
      const found = await listed();
      return found !== undefined && found.segments >= 3 && found;
    },
    { timeoutMs: 90_000 },
  );

  const watching = await context.newPage();
  const asked = segmentsAskedFor(watching);
  await watching.goto(`${servers.url}/recordings/${id}`);
  await watching.locator('canvas[data-shown="true"]').waitFor({ timeout: 30_000 });
  expect(asked.size).toBeLessThanOrEqual(2);
  await watching.getByRole('button', { name: 'Live' }).waitFor();
  const source = await sourceOf(id);
  const startMs = source.segments[0]?.startMs ?? 0;
  const slider = watching.getByRole('slider', { name: 'Position' });
  await slider.focus();
  const seen = new Set<number>();
  for (const keys of [['Shift+ArrowRight'], ['ArrowLeft', 'ArrowLeft'], ['Home', 'ArrowRight', 'ArrowRight', 'ArrowRight']]) {
    asked.clear();
    for (const key of keys) await slider.press(key);
    const seconds = Number(await slider.getAttribute('aria-valuenow'));
    const endMs = source.segments.at(-1)?.endMs ?? 0;
    const places = [startMs + 30_000, startMs + 20_000, startMs + 15_000].filter((ms) => Math.floor(ms / 1000) === seconds);
    expect(places, `${seconds} s of ${endMs} ms`).toHaveLength(1);
    const expected = await hashAt(source, places[0] ?? 0);
    await eventually(`the picture of ${places[0]} ms`, async () => (await canvasFingerprint(watching)).hash === expected);
    expect(asked.size).toBeLessThanOrEqual(2 * keys.length); // each key is a seek
    seen.add(expected ?? 0);
  }
  expect(seen.size).toBe(3);
  await watching.getByRole('button', { name: 'Play' }).click();
  await keepPicture(watching, 'recording-player');

  const before = Number(await slider.getAttribute('aria-valuemax'));
  await eventually('it has grown', async () => Number(await slider.getAttribute('aria-valuemax')) > before, {
    timeoutMs: 60_000,
  });
  await using db = databaseOf(servers);
  const views = await db.query<AuditRow & Record<string, unknown>>(
    `select type, actor, result, object, source_address, details from audit_events
      where object = $1 and type = 'recording.viewed' and (details->>'download')::boolean = false order by seq`,
    [`Recording/team-web/${id}`],
  );
  expect(views.length).toBeGreaterThanOrEqual(2);
  expect(views.every(({ actor }) => actor === 'member')).toBe(true);
  expect(views.map(({ details }) => details?.['startMs'])).toContain(startMs);
  await clone.push('Record no more', { [`policies/${NAME}.yaml`]: null });
  await context.close();
}, 300_000);
