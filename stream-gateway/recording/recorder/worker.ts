// The thread that records: sockets of desktops, compression, encryption and files of the spool, away from the live streams.
import { parentPort } from 'node:worker_threads';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { requireRoom } from '../spool/room.ts';
import { RecordingSpool } from '../spool/spool.ts';
import type { FromRecorder, RecorderAnswer, RecorderInput, StartRecording, ToRecorder } from './messages.ts';
import { SessionRecorder } from './session-recorder.ts';

const recorders = new Map<string, Promise<SessionRecorder>>();

parentPort?.on('message', ({ recording, input }: ToRecorder) => {
  step(recording, input).catch((error: unknown) => {
    const code = error instanceof StreamSpaceError ? error.code : 'RecordingStopped';
    answer(recording, { type: 'failed', code, message: error instanceof Error ? error.message : String(error) });
  });
});

async function step(recording: string, input: RecorderInput): Promise<void> {
  if (input.type === 'start') {
    const started = start(recording, input.start);
    recorders.set(recording, started);
    await started;
    return;
  }
  const recorder = await recorders.get(recording);
  switch (input.type) {
    case 'mark':
      recorder?.mark(input.event);
      return;
    case 'rules':
      recorder?.setRules(input.rules);
      return;
    case 'burn':
      recorder?.setBurn(input.burn);
      return;
    case 'stop':
      recorders.delete(recording);
      await recorder?.stop(input.state);
      answer(recording, { type: 'stopped' });
  }
}

async function start(
  recording: string,
  { folder, endpoint, rules, burn, key, ...more }: StartRecording,
): Promise<SessionRecorder> {
  const spool = await RecordingSpool.open(folder);
  if (spool === undefined) throw new StreamSpaceError('StorageFailed', `there is no spool of recording ${recording}`);
  return new SessionRecorder({
    ...{ spool, endpoint, rules },
    ...(burn === undefined ? {} : { burn }),
    ...(key === undefined ? {} : { key: Buffer.from(key.buffer, key.byteOffset, key.length) }),
    ...(more.resumedAfter === undefined ? {} : { resumedAfter: more.resumedAfter }),
    requireRoom: () => requireRoom(more.spoolRoot, more.maxSpoolBytes),
    told: (news) => answer(recording, { type: 'news', news }),
  });
}

function answer(recording: string, what: RecorderAnswer): void {
  const message: FromRecorder = { recording, answer: what };
  parentPort?.postMessage(message);
}
