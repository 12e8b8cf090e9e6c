// The time line: a slider over what happened when. It takes pointer, touch and, with the rest of the player, keys.
import { type PointerEvent, useMemo, useRef, useState } from 'react';
import type { RecordingMark, RecordingSegment } from '../../api/sessions/recordings-api.ts';
import { segmentAt, spanAt, type Tape } from '../../model/recordings/playback.ts';
import { clockText } from '../../model/recordings/recordings.ts';
import { densityOf, type Gap, groupsOf, inputOf } from '../../model/recordings/timeline.ts';
import type { Picture } from '../../player/messages.ts';
import { text } from '../../text/text.ts';
import { markWords } from './mark-words.ts';
import { PictureCanvas } from './picture-canvas.tsx';

const words = text.player;

const BUCKETS = 240;
/** Of the time line: marks that are closer lie on each other. */
const NEAR = 1 / 160;
const MAX_TOLD = 6;

export interface TimelineProps {
  readonly tape: Tape;
  readonly segments: readonly RecordingSegment[];
  readonly marks: readonly RecordingMark[];
  readonly gaps: readonly Gap[];
  readonly positionMs: number;
  readonly clock: (ms: number) => string;
  readonly thumbnails: ReadonlyMap<number, Picture>;
  readonly onThumbnail: (number: number) => void;
  readonly onSeek: (ms: number) => void;
}

export function Timeline(props: TimelineProps) {
  const { tape, segments, marks, gaps, positionMs } = props;
  const line = useRef<HTMLDivElement>(null);
  const dragging = useRef(false);
  const [hoverMs, setHoverMs] = useState<number>();
  const endMs = Math.max(1, tape.endMs);
  const density = useMemo(() => densityOf(segments, endMs, BUCKETS), [segments, endMs]);
  const input = useMemo(() => inputOf(marks, endMs, BUCKETS), [marks, endMs]);
  const groups = useMemo(() => groupsOf(marks, endMs * NEAR), [marks, endMs]);
  const percent = (ms: number): string => `${(100 * Math.min(1, Math.max(0, ms / endMs))).toFixed(3)}%`;
  const timeAt = ({ clientX }: PointerEvent): number => {
    const box = line.current?.getBoundingClientRect();
    return box === undefined || box.width === 0
      ? 0
      : Math.round(Math.max(0, Math.min(1, (clientX - box.left) / box.width)) * endMs);
  };
  const move = (event: PointerEvent): void => {
    const ms = timeAt(event);
    setHoverMs(ms);
    const segment = segments[segmentAt(segments, ms)];
    if (segment !== undefined) props.onThumbnail(segment.number);
    if (dragging.current) props.onSeek(ms);
  };
  return (
    <div className="ss-timeline">
      <div
        ref={line}
        className="ss-timeline-line"
        role="slider"
        tabIndex={0}
        aria-label={words.position}
        aria-valuemin={Math.floor(tape.startMs / 1000)}
        aria-valuemax={Math.floor(tape.endMs / 1000)}
        aria-valuenow={Math.floor(positionMs / 1000)}
        aria-valuetext={words.place(clockText(positionMs), clockText(tape.endMs), props.clock(positionMs))}
        onPointerDown={(event) => {
          dragging.current = true;
          event.currentTarget.setPointerCapture?.(event.pointerId);
          props.onSeek(timeAt(event));
        }}
        onPointerMove={move}
        onPointerUp={() => {
          dragging.current = false;
        }}
        onPointerCancel={() => {
          dragging.current = false;
        }}
        onPointerLeave={() => setHoverMs(undefined)}
      >
        <svg viewBox={`0 0 ${BUCKETS} 100`} preserveAspectRatio="none" aria-hidden="true">
          <Bars values={density} className="ss-timeline-activity" from={100} height={78} />
          <Bars values={input} className="ss-timeline-input" from={100} height={34} />
        </svg>
        {tape.idle.map(({ fromMs, toMs }) => (
          <span
            key={fromMs}
            className="ss-timeline-idle"
            title={`${words.idle}: ${clockText(toMs - fromMs)}`}
            style={{ left: percent(fromMs), width: percent(toMs - fromMs) }}
          />
        ))}
        {gaps.map(({ fromMs, toMs, code }) => (
          <span
            key={fromMs}
            className="ss-timeline-gap"
            title={`${words.inGap}: ${code}`}
            style={{ left: percent(fromMs), width: percent(toMs - fromMs) }}
          />
        ))}
        {groups.map(({ atMs, marks: [first, ...others] }) => (
          <span
            key={atMs}
            className="ss-timeline-mark"
            data-kind={first?.kind}
            title={[first, ...others]
              .slice(0, MAX_TOLD)
              .map((mark) => (mark === undefined ? '' : `${clockText(mark.atMs)} ${markWords(mark)}`))
              .join('\n')}
            style={{ left: percent(atMs) }}
          />
        ))}
        <span className="ss-timeline-head" style={{ left: percent(positionMs) }} />
      </div>
      {hoverMs === undefined ? null : <Hover {...props} atMs={hoverMs} left={percent(hoverMs)} near={endMs * NEAR} />}
    </div>
  );
}

function Bars(props: {
  readonly values: readonly number[];
  readonly className: string;
  readonly from: number;
  readonly height: number;
}) {
  const path = props.values
    .map((value, index) => ({ index, tall: value * props.height }))
    .filter(({ tall }) => tall > 0)
    .map(({ index, tall }) => `M${index} ${props.from}v${-tall.toFixed(1)}h1v${tall.toFixed(1)}z`)
    .join('');
  return <path className={props.className} d={path} />;
}

function Hover(props: TimelineProps & { readonly atMs: number; readonly left: string; readonly near: number }) {
  const { segments, atMs, near } = props;
  const segment = segments[segmentAt(segments, atMs)];
  const picture = segment === undefined ? undefined : props.thumbnails.get(segment.number);
  const gap = spanAt(props.gaps, atMs);
  const told = props.marks.filter((mark) => mark.kind !== 'input' && Math.abs(mark.atMs - atMs) <= near).slice(0, MAX_TOLD);
  return (
    <div className="ss-timeline-hover" style={{ left: `clamp(100px, ${props.left}, calc(100% - 100px))` }} aria-hidden="true">
      {picture === undefined || gap !== undefined ? null : <PictureCanvas picture={picture} />}
      <strong>{clockText(atMs)}</strong> <span className="ss-note">{props.clock(atMs)}</span>
      {gap === undefined ? null : (
        <p>
          {words.inGap}: <code>{gap.code}</code>
        </p>
      )}
      {gap === undefined && spanAt(props.tape.idle, atMs) !== undefined ? <p>{words.idle}</p> : null}
      {told.map((mark) => (
        <p key={`${mark.atMs} ${mark.kind}`}>{markWords(mark)}</p>
      ))}
    </div>
  );
}
