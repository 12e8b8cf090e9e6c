// `streamspace recordings verify` and `export`: is a recording as it was written, and a video of it. Needs no gateway.
import { type Command, InvalidArgumentError } from 'commander';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { exportVideo } from '../../../stream-gateway/recording/export/video.ts';
import type { Manifest } from '../../../stream-gateway/recording/format/manifest.ts';
import { type Verification, verifyRecording } from '../../../stream-gateway/recording/format/verify.ts';
import type { CliContext } from '../../command.ts';
import { filesOfPlace, findRecordingPlace, type RecordingPlace, readPublicKeys, sourceOfPlace } from '../../recording-place.ts';
import { foldersOf, type StateOption, stateOption } from '../state-option.ts';

interface PlaceFlags extends StateOption {
  readonly key: readonly string[];
}

interface VerifyFlags extends PlaceFlags {
  readonly json?: true;
}

interface ExportFlags extends PlaceFlags {
  readonly output: string;
  readonly fps: number;
  readonly decryptionKey?: string;
  readonly ffmpeg: string;
}

const PLACE = 'a folder, s3://BUCKET/PREFIX, or an id of the local installation';

/** @param recordings the command that they belong to */
export function registerRecordingFiles(recordings: Command, context: CliContext): void {
  common(recordings.command('verify <recording>').description(`tell whether a recording is as it was written: ${PLACE}`))
    .option('--json', 'print the findings as JSON')
    .action((where: string, flags: VerifyFlags) => verify(where, flags, context));
  common(recordings.command('export <recording>').description(`make a video of a recording that is genuine: ${PLACE}`))
    .requiredOption('-o, --output <file>', 'the video: FILE.mp4 or FILE.webm; what happened in it lies beside it as FILE.vtt')
    .option('--fps <number>', 'pictures a second', framesPerSecond, 10)
    .option('--decryption-key <file>', 'the key of the RecordingPolicy, for a recording that is encrypted')
    .option('--ffmpeg <program>', 'the program that makes it', 'ffmpeg')
    .action((where: string, flags: ExportFlags) => exportTo(where, flags, context));
}

function common(command: Command): Command {
  return command
    .addOption(stateOption())
    .option('--key <file...>', 'public key that is trusted, in PEM (default: that of the local installation)', []);
}

function framesPerSecond(text: string): number {
  const number = Number(text);
  if (!/^\d{1,2}$/.test(text) || number < 1 || number > 60) throw new InvalidArgumentError('write a whole number from 1 to 60');
  return number;
}

async function verifiedPlace(
  where: string,
  flags: PlaceFlags,
  context: CliContext,
): Promise<{ readonly place: RecordingPlace; readonly verified: Verification }> {
  const { stateDir } = foldersOf(flags, context);
  const place = await findRecordingPlace(where, stateDir, context);
  const keys = await readPublicKeys(flags.key, stateDir, context);
  return { place, verified: await verifyRecording(filesOfPlace(place, context), keys) };
}

async function verify(where: string, flags: VerifyFlags, context: CliContext): Promise<void> {
  const { verified } = await verifiedPlace(where, flags, context);
  context.stdout.write(flags.json === true ? `${JSON.stringify(inJson(verified), null, 2)}\n` : inWords(verified));
  if (verified.findings.length > 0) throw notGenuine(verified);
}

async function exportTo(where: string, flags: ExportFlags, context: CliContext): Promise<void> {
  const { place, verified } = await verifiedPlace(where, flags, context);
  if (verified.findings.length > 0) throw notGenuine(verified);
  const source = await sourceOfPlace(place, verified.manifest, flags.decryptionKey, context);
  const { output: target, fps, ffmpeg } = flags;
  let told = 0;
  const progress = (done: number, all: number): void => {
    const percent = Math.floor((100 * done) / all);
    if (percent < told + 10) return;
    told = percent;
    context.stderr.write(`${percent} %\n`);
  };
  await exportVideo(source, verified.manifest, { target, fps, ffmpeg, signal: context.signal, progress });
  context.stdout.write(`${target}\n`);
}

function notGenuine({ findings, manifest }: Verification): StreamSpaceError {
  const [first] = findings;
  const more = findings.length > 1 ? `, and ${findings.length - 1} more` : '';
  return new StreamSpaceError('RecordingNotGenuine', `recording ${manifest.id}: ${first?.words}${more}`);
}

function inJson({ manifest, findings }: Verification) {
  const { id, session, state, segments, gaps } = manifest;
  return { id, session, state, segments: segments.length, chain: segments.at(-1)?.chain ?? null, gaps, findings };
}

function inWords({ manifest, findings }: Verification): string {
  const lines = [describe(manifest), ...findings.map(({ problem, file, words }) => `  ${problem} ${file}: ${words}`)];
  if (findings.length === 0) lines.push('  genuine: signature, hashes and chain are good');
  return `${lines.join('\n')}\n`;
}

function describe({ id, session, state, segments, gaps, startedAt }: Manifest): string {
  const seconds = ((segments.at(-1)?.endMs ?? 0) / 1_000).toFixed(1);
  const missing = gaps.map(({ fromMs, toMs, code }) => `  gap from ${fromMs} to ${toMs ?? 'its end'} ms: ${code}`);
  const from = new Date(startedAt).toISOString();
  return [
    `recording ${id} of ${session.namespace}/${session.name}, ${from}: ${state}, ${segments.length} segments, ${seconds} s`,
    ...missing,
  ].join('\n');
}
