// The keys that a phone's keyboard lacks, in a row above it. A key that is held is held for one other key.
import { IconArrowDown, IconArrowLeft, IconArrowRight, IconArrowUp, IconChevronDown } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { KeyName } from '../../stream/keys.ts';
import type { Viewer } from '../../stream/viewer.ts';
import { text } from '../../text/text.ts';

const HELD = ['ctrl', 'alt', 'shift', 'super'] as const;
const FIRST = ['escape', 'tab'] as const;
const ARROWS = { left: IconArrowLeft, up: IconArrowUp, down: IconArrowDown, right: IconArrowRight } as const;
const MORE = ['home', 'end', 'pageUp', 'pageDown', 'insert', 'delete'] as const;
const FUNCTIONS = ['f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7', 'f8', 'f9', 'f10', 'f11', 'f12'] as const;
type Held = (typeof HELD)[number];

export function KeyRow({ viewer, onHide }: { readonly viewer: Viewer; readonly onHide: () => void }) {
  const { touch, desktop } = text;
  const [down, setDown] = useState<readonly Held[]>([]);
  const [functions, setFunctions] = useState(false);
  const bottom = useAboveKeyboard();
  // The letter that follows comes from the keyboard and not from here.
  useEffect(() => viewer.onTyped(() => setDown((held) => letGo(viewer, held))), [viewer]);
  const hold = (key: Held) => {
    const isDown = down.includes(key);
    viewer.hold(key, { down: !isDown });
    setDown(isDown ? down.filter((other) => other !== key) : [...down, key]);
  };
  const press = (key: KeyName) => {
    viewer.press(key);
    setDown(letGo(viewer, down));
  };
  const names: Readonly<Record<string, string>> = { ...desktop.keyNames, ...touch.keyNames };
  const key = (name: KeyName, face: ReactNode = names[name] ?? name.toUpperCase()) => (
    <RowKey key={name} label={names[name] ?? name.toUpperCase()} onPress={() => press(name)}>
      {face}
    </RowKey>
  );
  return (
    <div className="ss-key-row" role="toolbar" aria-label={touch.keyRow} style={{ bottom }}>
      {HELD.map((name) => (
        <RowKey key={name} label={names[name] ?? name} pressed={down.includes(name)} onPress={() => hold(name)}>
          {names[name]}
        </RowKey>
      ))}
      {FIRST.map((name) => key(name))}
      {Object.entries(ARROWS).map(([name, Icon]) => {
        const arrow = arrowOf(name);
        return arrow === null ? null : key(arrow, <Icon size={18} aria-hidden="true" />);
      })}
      <RowKey label={touch.functionKeys} pressed={functions} onPress={() => setFunctions(!functions)}>
        Fn
      </RowKey>
      {(functions ? FUNCTIONS : MORE).map((name) => key(name))}
      <RowKey label={touch.hideKeyboard} onPress={onHide}>
        <IconChevronDown size={18} aria-hidden="true" />
      </RowKey>
    </div>
  );
}

function arrowOf(name: string): 'left' | 'up' | 'down' | 'right' | null {
  return name === 'left' || name === 'up' || name === 'down' || name === 'right' ? name : null;
}

function letGo(viewer: Viewer, held: readonly Held[]): readonly Held[] {
  for (const key of held) viewer.hold(key, { down: false });
  return [];
}

function RowKey(props: {
  readonly label: string;
  readonly pressed?: boolean;
  readonly onPress: () => void;
  readonly children: ReactNode;
}) {
  return (
    <button
      type="button"
      className="ss-row-key"
      aria-label={props.label}
      aria-pressed={props.pressed}
      // The focus stays in the field, or the keyboard would go.
      onPointerDown={(event) => event.preventDefault()}
      onMouseDown={(event) => event.preventDefault()}
      onClick={props.onPress}
    >
      {props.children}
    </button>
  );
}

/** Some phones lay the keyboard over the page and say so only here. */
function useAboveKeyboard(): number {
  const [bottom, setBottom] = useState(0);
  useEffect(() => {
    const seen = window.visualViewport;
    if (seen === null) return;
    const read = () => setBottom(Math.max(0, window.innerHeight - seen.height - seen.offsetTop));
    read();
    seen.addEventListener('resize', read);
    seen.addEventListener('scroll', read);
    return () => {
      seen.removeEventListener('resize', read);
      seen.removeEventListener('scroll', read);
    };
  }, []);
  return bottom;
}
