// What one does with a player: play, speed, skip idle, live, size; and where it is.
import { ActionIcon, Button, Checkbox, NativeSelect, Tooltip } from '@mantine/core';
import {
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconZoomReset,
  IconZoomScan,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { type Playback, RATES, type Tape } from '../../model/recordings/playback.ts';
import { clockText } from '../../model/recordings/recordings.ts';
import { text } from '../../text/text.ts';

const words = text.player;
/** Nearer to the end than this is live. */
const LIVE_WITHIN_MS = 2_000;

export interface ControlsProps {
  readonly playback: Playback;
  readonly tape: Tape;
  readonly clock: (ms: number) => string;
  readonly fit: boolean;
  readonly fullScreen: boolean;
  readonly onPlay: () => void;
  readonly onSet: (settings: { readonly rate: Playback['rate'] } | { readonly skipIdle: boolean }) => void;
  readonly onLive: () => void;
  readonly onFit: () => void;
  readonly onFullScreen: () => void;
}

export function Controls(props: ControlsProps) {
  const { playback, tape, clock } = props;
  const { positionMs, playing, rate, skipIdle } = playback;
  return (
    <div className="ss-player-controls">
      <IconAction label={playing ? words.pause : words.play} variant="filled" onClick={props.onPlay}>
        {playing ? <IconPlayerPauseFilled size={18} /> : <IconPlayerPlayFilled size={18} />}
      </IconAction>
      <span className="ss-player-time">
        {clockText(positionMs)} / {clockText(tape.endMs)}
        <span className="ss-note">{clock(positionMs)}</span>
      </span>
      {tape.live ? (
        <Tooltip label={words.toLive}>
          <Button
            size="xs"
            variant={tape.endMs - positionMs < LIVE_WITHIN_MS ? 'filled' : 'default'}
            color="red"
            onClick={props.onLive}
          >
            {words.live}
          </Button>
        </Tooltip>
      ) : null}
      <span className="ss-player-space" />
      <Tooltip label={words.skipIdleHint}>
        <span>
          <Checkbox
            label={words.skipIdle}
            checked={skipIdle}
            onChange={({ currentTarget }) => props.onSet({ skipIdle: currentTarget.checked })}
          />
        </span>
      </Tooltip>
      <NativeSelect
        className="ss-player-rate"
        aria-label={words.rate}
        value={String(rate)}
        onChange={({ currentTarget: { value } }) => {
          const chosen = RATES.find((one) => String(one) === value);
          if (chosen !== undefined) props.onSet({ rate: chosen });
        }}
        data={RATES.map((one) => ({ value: String(one), label: words.times(one) }))}
      />
      <IconAction label={props.fit ? words.actual : words.fit} onClick={props.onFit}>
        {props.fit ? <IconZoomReset size={18} /> : <IconZoomScan size={18} />}
      </IconAction>
      <IconAction label={props.fullScreen ? words.leaveFullScreen : words.fullScreen} onClick={props.onFullScreen}>
        {props.fullScreen ? <IconArrowsMinimize size={18} /> : <IconArrowsMaximize size={18} />}
      </IconAction>
    </div>
  );
}

function IconAction(props: {
  readonly label: string;
  readonly variant?: 'filled' | 'default';
  readonly onClick: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Tooltip label={props.label}>
      <ActionIcon size={36} variant={props.variant ?? 'default'} aria-label={props.label} onClick={props.onClick}>
        {props.children}
      </ActionIcon>
    </Tooltip>
  );
}
