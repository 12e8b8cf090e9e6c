// How the link is, measured, in the bar; and what is made of it: the figures, and the choice of the picture.
import { Popover, Radio, Stack } from '@mantine/core';
import { IconAntennaBars2, IconAntennaBars3, IconAntennaBars5, IconAntennaBarsOff } from '@tabler/icons-react';
import { useState, useSyncExternalStore } from 'react';
import { sizeText } from '../../model/recordings/recordings.ts';
import { linkWord, PICTURE_CHOICES, STEPS } from '../../stream/picture.ts';
import type { Link } from '../../stream/use-link.ts';
import { text } from '../../text/text.ts';
import { BarButton } from './bar-button.tsx';

const ICONS = { good: IconAntennaBars5, fair: IconAntennaBars3, slow: IconAntennaBars2 } as const;

export function LinkPanel({ link, onPanel }: { readonly link: Link; readonly onPanel: (open: boolean) => void }) {
  const words = text.link;
  const [opened, setOpened] = useState(false);
  const { roundTripMs } = useSyncExternalStore(link.figures.subscribe, link.figures.current);
  const change = (open: boolean) => {
    setOpened(open);
    onPanel(open);
  };
  const word = roundTripMs === null ? null : linkWord(roundTripMs);
  const Icon = word === null ? IconAntennaBarsOff : ICONS[word];
  const time = roundTripMs === null ? null : words.milliseconds(roundTripMs);
  return (
    <Popover opened={opened} onChange={change} position="bottom-end" trapFocus withinPortal={false}>
      <Popover.Target>
        <BarButton
          label={word === null || time === null ? words.unknown : words.label(words.words[word], time)}
          aria-expanded={opened}
          className="ss-link-measured"
          data-word={word}
          onClick={() => change(!opened)}
        >
          <Icon size={18} />
          {time === null ? null : <span className="ss-link-time">{time}</span>}
        </BarButton>
      </Popover.Target>
      <Popover.Dropdown className="ss-bar-panel" aria-label={words.title}>
        <LinkFiguresList link={link} />
        <Radio.Group
          label={words.picture}
          value={link.pictureChoice}
          onChange={(value) => link.choosePicture(PICTURE_CHOICES.find((choice) => choice === value) ?? 'automatic')}
        >
          <Stack gap={16} mt={12}>
            {PICTURE_CHOICES.map((choice) => (
              <Radio key={choice} value={choice} label={words.choices[choice]} description={words.choiceHints[choice]} />
            ))}
          </Stack>
        </Radio.Group>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Drawn anew with every measurement, and only while it is open. */
function LinkFiguresList({ link }: { readonly link: Link }) {
  const words = text.link;
  const { roundTripMs, desktopMs, down, up, step } = useSyncExternalStore(link.figures.subscribe, link.figures.current);
  const time = (ms: number | null) => (ms === null ? words.none : words.milliseconds(ms));
  const rate = (bytes: number) => (roundTripMs === null ? words.none : words.perSecond(sizeText(bytes)));
  const rows = [
    [words.roundTrip, time(roundTripMs)],
    [words.desktop, time(desktopMs)],
    [words.down, rate(down)],
    [words.up, rate(up)],
  ] as const;
  const word = roundTripMs === null ? null : linkWord(roundTripMs);
  return (
    <div>
      <dl className="ss-link-figures">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {word === null ? null : <p className="ss-note">{words.hints[word]}</p>}
      {link.pictureChoice === 'automatic' && roundTripMs !== null ? (
        <p className="ss-note">{words.stepNow(step, STEPS.length - 1)}</p>
      ) : null}
    </div>
  );
}
