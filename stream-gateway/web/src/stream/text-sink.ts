// Where the keyboard goes: a text field out of sight. Only an editable element gets an input method, dead keys and a phone's
// keyboard, and noVNC's canvas is none. Keys that are keys go on to the canvas, so layouts and scan codes stay noVNC's; what
// an input method makes comes back as text and is typed.
import { FILLER, typedBetween, withoutFiller } from './typed.ts';

/** A field that grows for ever is slow on phones; a word that is being corrected is shorter. */
const MAX_KEPT = 200;

export interface TextSinkPorts {
  /** The element of the page that holds the canvas. */
  readonly target: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly label: string;
  readonly mayType: () => boolean;
  readonly type: (text: string) => void;
  readonly backspace: () => void;
  /** A key that is no modifier went to the canvas and came up again. */
  readonly onKey: () => void;
  readonly paste: (text: string) => void;
}

export interface TextSink {
  focus(): void;
  /** A phone's keyboard; on a device with keys of its own nothing changes. */
  setKeyboard(options: { readonly shown: boolean }): void;
  remove(): void;
}

export function createTextSink(ports: TextSinkPorts): TextSink {
  const { target, canvas } = ports;
  const field = document.createElement('textarea');
  field.className = 'ss-text-sink';
  field.setAttribute('aria-label', ports.label);
  for (const [name, value] of Object.entries(QUIET)) field.setAttribute(name, value);
  field.tabIndex = -1;
  target.append(field);
  const state = { composing: false, dead: false, keyboard: false, known: FILLER };
  field.value = FILLER;

  const take = (): void => {
    const { back, text } = typedBetween(state.known, field.value);
    state.known = field.value;
    for (let index = 0; index < Math.min(back, MAX_KEPT); index += 1) ports.backspace();
    const typed = withoutFiller(text);
    if (typed !== '') ports.type(typed.normalize('NFC'));
    if (state.composing || (state.keyboard && field.value.length < MAX_KEPT && field.value.length > FILLER.length / 2)) return;
    field.value = FILLER;
    state.known = FILLER;
  };
  const on = <K extends keyof HTMLElementEventMap>(type: K, act: (event: HTMLElementEventMap[K]) => void): void =>
    field.addEventListener(type, act);

  on('keydown', (event) => {
    event.stopPropagation();
    if (belongsToInputMethod(event)) return;
    const afterDead = state.dead;
    state.dead = event.key === 'Dead' || (afterDead && MODIFIERS.has(event.key));
    // The accent and its letter become one character, which comes as text.
    if (event.key === 'Dead' || (afterDead && [...event.key].length === 1)) return;
    if (!canvas.dispatchEvent(copyOf(event))) event.preventDefault();
  });
  on('keyup', (event) => {
    event.stopPropagation();
    canvas.dispatchEvent(copyOf(event));
    if (!MODIFIERS.has(event.key)) ports.onKey();
  });
  on('compositionstart', () => {
    state.composing = true;
    if (!state.keyboard) field.dataset['composing'] = 'true'; // else it is on the desktop already
  });
  on('compositionend', () => {
    state.composing = false;
    delete field.dataset['composing'];
    take();
  });
  on('input', () => {
    // A phone composes every word: who waits for its end sees nothing for seconds.
    if (!state.composing || state.keyboard) take();
  });
  on('paste', (event) => {
    event.preventDefault(); // as a clipboard it is subject to the rules about clipboards
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (text !== '') ports.paste(text);
  });

  const focus = (): void => {
    if (ports.mayType()) field.focus({ preventScroll: true });
    else canvas.focus({ preventScroll: true });
  };
  canvas.addEventListener('focus', () => {
    if (ports.mayType()) focus();
  });
  // The window of an input method opens at the field.
  canvas.addEventListener('mousedown', ({ clientX, clientY }) => {
    const { left, top } = target.getBoundingClientRect();
    field.style.left = `${clientX - left}px`;
    field.style.top = `${clientY - top}px`;
  });
  const setKeyboard = ({ shown }: { readonly shown: boolean }): void => {
    state.keyboard = shown;
    field.inputMode = shown || !isTouchFirst() ? 'text' : 'none';
    if (!shown && document.activeElement !== field) return;
    field.blur(); // a phone looks at the mode only when the focus comes
    focus();
  };
  field.inputMode = isTouchFirst() ? 'none' : 'text';
  return { focus, setKeyboard, remove: () => field.remove() };
}

const QUIET = { autocapitalize: 'off', autocorrect: 'off', autocomplete: 'off', spellcheck: 'false', rows: '1', cols: '1' };
const MODIFIERS: ReadonlySet<string> = new Set(['Shift', 'Control', 'Alt', 'AltGraph', 'Meta', 'CapsLock']);

/** 229 is what browsers say of every key that an input method or a phone's keyboard keeps for itself (UI Events, 7.3.1). */
const belongsToInputMethod = ({ isComposing, key, keyCode }: KeyboardEvent): boolean =>
  isComposing || keyCode === 229 || key === 'Process' || key === 'Unidentified';

const isTouchFirst = (): boolean => window.matchMedia('(pointer: coarse)').matches;

function copyOf(event: KeyboardEvent): KeyboardEvent {
  const { type, key, code, location, repeat, keyCode, ctrlKey, altKey, shiftKey, metaKey } = event;
  const state = (name: string): boolean => event.getModifierState(name);
  return new KeyboardEvent(type, {
    ...{ key, code, location, repeat, keyCode, ctrlKey, altKey, shiftKey, metaKey, cancelable: true },
    modifierCapsLock: state('CapsLock'),
    modifierNumLock: state('NumLock'),
    modifierAltGraph: state('AltGraph'),
  });
}
