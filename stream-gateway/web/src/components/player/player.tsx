// The player of a recording: picture, controls, time line, events. Whether it may be watched says the gateway, for every segment.
import { Button, Loader } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useGateway } from '../../api/context.tsx';
import { ApiError } from '../../api/problem.ts';
import { useRecordingIndex } from '../../api/sessions/recording-queries.ts';
import {
  type RecordingDetail,
  type RecordingMark,
  type RecordingSegment,
  recordingPath,
} from '../../api/sessions/recordings-api.ts';
import { spanAt } from '../../model/recordings/playback.ts';
import { clockText } from '../../model/recordings/recordings.ts';
import { gapsOf } from '../../model/recordings/timeline.ts';
import type { EngineState, Played } from '../../player/engine.ts';
import { type OpenPlayer, openPlayer } from '../../player/open-player.ts';
import { text } from '../../text/text.ts';
import { QueryState } from '../ui/query-state.tsx';
import { Failed } from '../ui/states.tsx';
import { Controls } from './controls.tsx';
import { EventList } from './event-list.tsx';
import { Timeline } from './timeline.tsx';
import { useEngine } from './use-engine.ts';
import { usePlayerKeys } from './use-player-keys.ts';

const words = text.player;
/** How long what was skipped is told. */
const TOLD_MS = 2_500;

export function Player({ recording, open = openPlayer }: { readonly recording: RecordingDetail; readonly open?: OpenPlayer }) {
  const index = useRecordingIndex(recording);
  return (
    <QueryState
      query={index}
      failed={words.indexFailed}
      forbidden={{ why: words.forbidden, who: text.whoGrants.team }}
      rows={1}
      height={320}
    >
      {({ segments, marks }) => <Loaded recording={recording} segments={segments} marks={marks} open={open} />}
    </QueryState>
  );
}

interface LoadedProps {
  readonly recording: RecordingDetail;
  readonly segments: readonly RecordingSegment[];
  readonly marks: readonly RecordingMark[];
  readonly open: OpenPlayer;
}

function Loaded({ recording, segments, marks, open }: LoadedProps) {
  const gaps = useMemo(() => gapsOf(recording), [recording]);
  const live = recording.state === 'Recording';
  const played: Played = useMemo(
    () => ({ segments, gaps, marks: marks.map(({ atMs }) => atMs), live, endMs: endOf(segments) }),
    [segments, gaps, marks, live],
  );
  const { engine, state, canvas } = useEngine(open, recordingPath(recording.id), played);
  const whole = useRef<HTMLDivElement>(null);
  const [fit, setFit] = useState(true);
  const fullScreen = useFullScreen();
  const startedAt = Date.parse(recording.startedAt);
  const clock = (ms: number): string => new Date(startedAt + ms).toLocaleTimeString();
  const tape = state?.tape;
  const positionMs = state?.playback.positionMs ?? 0;
  const toggleFullScreen = (): void =>
    void (!document.fullscreenElement ? whole.current?.requestFullscreen?.() : document.exitFullscreen())?.catch(() => undefined);
  usePlayerKeys({
    play: () => engine?.playOrPause(),
    move: (ms) => engine?.seek(positionMs + ms),
    toStart: () => engine?.seek(0),
    toEnd: () => engine?.seek(tape?.endMs ?? 0),
    fullScreen: toggleFullScreen,
  });
  if (state === undefined || engine === undefined || tape === undefined) return null;
  const gap = spanAt(gaps, positionMs);
  return (
    <section className="ss-player" ref={whole} aria-label={words.title} data-full-screen={fullScreen}>
      <div className="ss-player-main">
        <div className="ss-player-screen" data-fit={fit}>
          <canvas ref={canvas} role="img" aria-label={words.picture} data-shown={state.size !== undefined} />
          <Over state={state} />
        </div>
        {gap === undefined ? null : (
          <p className="ss-player-note" role="status">
            {words.gap(gap.code)}
          </p>
        )}
        {state.problem === undefined ? null : <Refused state={state} retry={() => engine.retry()} />}
        <Timeline
          {...{ tape, segments, marks, gaps, positionMs, clock, thumbnails: state.thumbnails }}
          onSeek={(ms) => engine.seek(ms)}
          onThumbnail={(number) => engine.askThumbnail(number)}
        />
        <Controls
          {...{ playback: state.playback, tape, clock, fit, fullScreen }}
          onPlay={() => engine.playOrPause()}
          onSet={(settings) => engine.set(settings)}
          onLive={() => {
            engine.seek(tape.endMs);
            if (!state.playback.playing) engine.playOrPause();
          }}
          onFit={() => setFit(!fit)}
          onFullScreen={toggleFullScreen}
        />
        <p className="ss-note ss-player-keys">{words.keys}</p>
      </div>
      <EventList marks={marks} positionMs={positionMs} onSeek={(ms) => engine.seek(ms)} />
    </section>
  );
}

function endOf(segments: readonly RecordingSegment[]): number {
  const last = segments.at(-1);
  return last === undefined ? 0 : last.startMs + last.durationMs;
}

/** What lies on the picture for a moment. */
function Over({ state: { waiting, problem, size, skipped } }: { readonly state: EngineState }) {
  const [told, setTold] = useState(false);
  useEffect(() => {
    setTold(skipped !== undefined);
    const timer = setTimeout(() => setTold(false), TOLD_MS);
    return () => clearTimeout(timer);
  }, [skipped]);
  const loading = problem === undefined && (waiting || size === undefined);
  return (
    <>
      {loading ? (
        <div className="ss-player-over" role="status" aria-label={words.waiting}>
          <Loader color="gray" />
        </div>
      ) : null}
      {told && skipped !== undefined ? (
        <p className="ss-player-told" role="status">
          {words.skipped(clockText(skipped.ms))}
        </p>
      ) : null}
    </>
  );
}

function Refused({ state: { problem }, retry }: { readonly state: EngineState; readonly retry: () => void }) {
  const { stepUps } = useGateway().api;
  const { stepUp } = problem ?? {};
  const proves = stepUp?.methods.some((method) => method !== 'SignIn') === true;
  const confirm = async (): Promise<void> => {
    if (stepUp !== undefined && (await stepUps.ask(stepUp))) retry();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each refusal; whoever closes the dialog has the button
  useEffect(() => {
    if (proves) void confirm();
  }, [proves]);
  if (problem === undefined) return null;
  const returnTo = encodeURIComponent(window.location.pathname + window.location.search);
  return (
    <>
      <Failed title={words.failed} error={new ApiError(problem)} retry={retry} />
      {proves ? (
        <p className="ss-player-note">
          <Button onClick={() => void confirm()}>{text.factors.stepUp.confirm}</Button>
        </p>
      ) : problem.code === 'StepUpRequired' ? (
        <p className="ss-player-note">
          <Button component="a" href={`/auth/sign-in?fresh=1&returnTo=${returnTo}`}>
            {words.signIn}
          </Button>
        </p>
      ) : null}
    </>
  );
}

function useFullScreen(): boolean {
  const [on, setOn] = useState(false);
  useEffect(() => {
    const read = (): void => setOn(Boolean(document.fullscreenElement));
    document.addEventListener('fullscreenchange', read);
    return () => document.removeEventListener('fullscreenchange', read);
  }, []);
  return on;
}
