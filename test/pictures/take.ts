// Takes the pictures of the guides from an installation that runs, through its gateway, as the demo people see them:
//   node --conditions=source test/pictures/take.ts STATE_FOLDER/local.json [PICTURE...]
import { readFile } from 'node:fs/promises';
import { runningSession } from '../support/api.ts';
import { signedIn } from '../support/browser.ts';
import { inDesktop } from '../support/desktop.ts';
import { kubectl } from '../support/kubectl.ts';
import { eventually } from '../support/wait.ts';
import { browser, desktop, inBar, keep, PHONE, policy, servers, shared, type, untilPicture } from './stage.ts';

const CARD = '4111 1111 1111 1111';
const LOGO = `(async () => {
  const image = new Image(48, 48);
  image.src = '/favicon.svg';
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width: 48, height: 48 });
  canvas.getContext('2d').drawImage(image, 0, 0, 48, 48);
  return canvas.toDataURL('image/png').split(',')[1];
})()`;
const WORK =
  'git init -q site; cd site; printf "# Site\\n\\nOur pages.\\n" > README.md; git add .; git commit -qm "Begin"; git log --stat; ls -l';

async function watermark(name: string): Promise<void> {
  const page = await desktop(name);
  const image = await page.evaluate<string>(LOGO);
  await type(page, name, WORK);
  const rules = [{ name: 'card-numbers', detector: 'CardNumber', action: 'Block' }];
  await policy('DlpPolicy', name, { clipboard: { rules }, watermark: { text: '{user}  {time}', image, opacityPercent: 25 } });
  await page.reload();
  await untilPicture(page);
  await inBar(page, /^Clipboard/);
  await page.getByLabel('Text for the desktop').fill(`Paid with ${CARD}`);
  await page.getByRole('button', { name: 'Send to the desktop' }).click();
  await page.keyboard.press('Escape');
  await page.locator('.ss-screen canvas').click();
  await page.keyboard.press('Shift+Insert');
  await page.getByText(/stopped by policy/).waitFor();
  await keep(page, 'data-loss-prevention');
}

async function files(name: string): Promise<void> {
  const home = 'mkdir -p Documents Downloads; echo 1 > notes.md; seq 4000 > figures.csv';
  await inDesktop(servers, name, `cd ~; ${home}`);
  await policy('DlpPolicy', name, { files: { maxBytes: 104_857_600, denyTypes: ['application/x-elf', 'image/svg+xml'] } });
  const page = await desktop(name);
  await inBar(page, 'Files');
  const program = { name: 'report.pdf', mimeType: 'application/pdf', buffer: await readFile('/bin/true') };
  const table = { name: 'budget.csv', mimeType: 'text/csv', buffer: Buffer.from('month,cost\nMay,120\n') };
  await page.locator('input[type=file]').setInputFiles([table, program]);
  await page.getByText(/FileTypeDenied/).waitFor();
  await page.getByText('Done', { exact: true }).waitFor();
  await page.getByText('budget.csv').nth(1).waitFor();
  await page.mouse.move(640, 700);
  await keep(page, 'files');
}

async function recording(name: string): Promise<void> {
  await policy('RecordingPolicy', name, { record: 'Always', segmentSeconds: 10, events: { input: true, clipboard: true } });
  const page = await desktop(name);
  await type(page, name, WORK);
  await page.locator('.ss-screen canvas').dblclick({ position: { x: 40, y: 60 } }); // what is selected is copied
  await type(page, name, 'for i in $(seq 60); do echo "test $i of 60 passed"; sleep 0.2; done');
  await using _visitor = await shared(page, name);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await type(page, name, 'sleep 12; git status; seq 20; sleep 12');
  await page.goto(`${servers.url}/recordings`);
  await page
    .getByRole('row', { name: new RegExp(name) })
    .getByRole('link')
    .first()
    .click();
  await page.locator('canvas[data-shown="true"]').waitFor();
  await page.setViewportSize({ width: 1280, height: 840 });
  const line = page.getByRole('slider', { name: 'Position' });
  await line.click({ position: { x: 400, y: 20 } });
  await line.hover({ position: { x: 260, y: 20 } });
  await page.locator('.ss-timeline canvas').waitFor();
  await keep(page, 'recording');
}

async function sharing(name: string): Promise<void> {
  const page = await desktop(name);
  await type(page, name, WORK);
  await using visitor = await shared(page, name);
  await keep(page, 'share-dialog');
  await page.keyboard.press('Escape');
  await inBar(page, 'Who is here: 2');
  await eventually('the cursor has a name', async () => {
    await visitor.page.mouse.move(350 + Math.floor(Math.random() * 9), 330);
    return (await page.locator('.ss-cursor').count()) === 1;
  });
  await keep(page, 'named-cursor');
}

async function displays(name: string): Promise<void> {
  const page = await desktop(name);
  await type(page, name, WORK);
  await inBar(page, 'Displays');
  const [second] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: 'Add on the right' }).click(),
  ]);
  await second.locator('canvas').waitFor();
  await page.bringToFront();
  const panel = page.getByRole('button', { name: 'Displays', exact: true });
  if ((await panel.getAttribute('aria-expanded')) !== 'true') await inBar(page, 'Displays');
  await page.getByRole('button', { name: 'Close display 2' }).waitFor();
  await keep(page, 'displays');
}

async function shell(name: string): Promise<void> {
  await policy('SessionPolicy', name, { console: { allow: true } });
  const { page } = await signedIn(browser, servers, 'member');
  await page.goto(`${servers.url}/sessions/team-web/${name}/console`);
  await page.getByText('Connected', { exact: true }).waitFor();
  await page.locator('.xterm').click();
  await page.keyboard.type('ps -eo pid,etime,rss,args --sort=pid | cut -c1-90; df -h ~; ls -la\n');
  await eventually('it has answered', async () => ((await page.locator('.xterm-rows').textContent()) ?? '').includes('Mounted'));
  await keep(page, 'console');
}

async function toolbar(name: string): Promise<void> {
  const page = await desktop(name);
  await type(page, name, WORK);
  await page.getByRole('button', { name: /^Connection: (good|fair|slow)/ }).waitFor({ state: 'attached' });
  await inBar(page, /^Connection: /);
  await page.getByText('The best picture at the moment.').waitFor({ timeout: 60_000 });
  await keep(page, 'connection');
}

async function phone(name: string): Promise<void> {
  const page = await desktop(name, 'member', PHONE);
  await inBar(page, 'Scaling');
  await page.getByText('Resize the desktop').tap();
  await eventually(
    'it has the size of the phone',
    async () => (await page.locator('.ss-screen canvas').getAttribute('width')) === '390',
  );
  await page.getByRole('button', { name: /^Connection: (good|fair|slow)/ }).waitFor({ state: 'attached' });
  await type(page, name, 'seq 9 | tr -d 0-9; ls -1 /usr; date; df -h ~ | cut -c 1-34');
  await inBar(page, 'Use the screen as a touchpad');
  const touchpad = await page.screenshot({ animations: 'disabled' });
  await inBar(page, 'On-screen keyboard');
  await page.getByRole('toolbar', { name: 'Keys that the keyboard lacks' }).waitFor();
  await page.locator('.ss-bar[data-shown="false"]').waitFor({ state: 'attached' });
  const pictures = [touchpad, await page.screenshot({ animations: 'disabled' })].map((png) => png.toString('base64'));
  const sheet = await browser.newPage({ viewport: { width: 880, height: 884 } });
  const images = pictures.map((png) => `<img style="border-radius: 18px" src="data:image/png;base64,${png}">`);
  await sheet.setContent(`<body style="margin: 20px; display: flex; gap: 60px; background: #e8e8ee">${images.join('')}`);
  await keep(sheet, 'phone');
}

const wanted = process.argv.slice(3);
const SCENES = { watermark, files, recording, sharing, displays, shell, toolbar, phone };
for (const [scene, take] of Object.entries(SCENES)) {
  if (wanted.length > 0 && !wanted.includes(scene)) continue;
  const name = `member-${scene}`;
  await using _session = await runningSession(servers, name, 'member');
  await take(name);
  for (const kind of ['dlppolicies', 'recordingpolicies', 'sessionpolicies'])
    await kubectl(servers, ['delete', kind, 'team-rules', '-n', 'team-web', '--ignore-not-found']);
}
await browser.close();
