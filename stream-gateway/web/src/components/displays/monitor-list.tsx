// The monitors of this device, each with a button that opens a display on it.
import { Button } from '@mantine/core';
import { text } from '../../text/text.ts';
import type { Displays } from './use-displays.ts';

export function MonitorList({ displays }: { readonly displays: Displays }) {
  const { monitors, askForMonitors, openOn, status } = displays;
  const words = text.displays;
  switch (monitors.kind) {
    case 'unsupported':
      return null;
    case 'denied':
      return <p className="ss-note">{words.denied}</p>;
    case 'ask':
      return (
        <div className="ss-displays-row">
          <Button size="xs" variant="default" onClick={askForMonitors}>
            {words.find}
          </Button>
          <span className="ss-note">{words.findHint}</span>
        </div>
      );
    case 'known': {
      const used = new Set(status.arrangement.map(({ monitor }) => monitor));
      const free = monitors.monitors.flatMap((monitor, index) =>
        index === monitors.current || used.has(index) ? [] : [{ ...facts(monitor), index }],
      );
      if (free.length === 0) return null;
      return (
        <div className="ss-displays-monitors">
          {free.length < 2 ? null : (
            <Button size="xs" onClick={() => free.every(({ index }) => openOn(index))}>
              {words.allMonitors(monitors.monitors.length)}
            </Button>
          )}
          {free.map(({ index, label, width, height }) => (
            <Button key={index} size="xs" variant="default" onClick={() => openOn(index)}>
              {words.openOn(index + 1, label, width, height)}
            </Button>
          ))}
        </div>
      );
    }
  }
}

/** A screen of the browser has its fields on its prototype: a spread of it would be empty. */
function facts({
  label,
  width,
  height,
  devicePixelRatio,
}: {
  readonly label: string;
  readonly width: number;
  readonly height: number;
  readonly devicePixelRatio: number;
}) {
  return { label, width: Math.round(width * devicePixelRatio), height: Math.round(height * devicePixelRatio) };
}
