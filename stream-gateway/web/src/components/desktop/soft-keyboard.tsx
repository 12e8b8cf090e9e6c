// The keyboard of a phone: a field out of sight takes what is typed and passes it on.
import { IconKeyboard } from '@tabler/icons-react';
import { useRef } from 'react';
import type { Viewer } from '../../stream/viewer.ts';
import { text } from '../../text/text.ts';
import { BarButton } from './bar-button.tsx';

/** A phone deletes by changing the text, so there has to be some. */
const FILLER = '\u00a0'.repeat(8);

export function SoftKeyboard({ viewer }: { readonly viewer: Viewer | null }) {
  const field = useRef<HTMLTextAreaElement | null>(null);
  return (
    <span className="ss-touch-only">
      <BarButton label={text.desktop.keyboard} disabled={viewer === null} onClick={() => field.current?.focus()}>
        <IconKeyboard size={18} />
      </BarButton>
      <textarea
        ref={field}
        className="ss-soft-keyboard"
        aria-label={text.desktop.keyboardInput}
        tabIndex={-1}
        defaultValue={FILLER}
        autoCapitalize="off"
        autoCorrect="off"
        autoComplete="off"
        spellCheck={false}
        onInput={(event) => {
          const input = event.currentTarget;
          const native = event.nativeEvent as InputEvent;
          if (native.isComposing) return;
          if (native.inputType.startsWith('delete')) viewer?.press('backspace');
          else viewer?.type(typedSince(FILLER, input.value));
          input.value = FILLER;
        }}
        onCompositionEnd={(event) => {
          viewer?.type(event.data);
          event.currentTarget.value = FILLER;
        }}
      />
    </span>
  );
}

export function typedSince(before: string, after: string): string {
  return after.startsWith(before) ? after.slice(before.length) : after.replaceAll('\u00a0', '');
}
