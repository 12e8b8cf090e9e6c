// Until when what is asked for is wanted: a day and a time in the reader's zone, or nothing.
import { TextInput } from '@mantine/core';
import { untilOf } from '../../model/git/until.ts';
import { text } from '../../text/text.ts';
import { useNow } from '../ui/use-now.ts';

const words = text.changes.ask;

/** @param value as the field has it; empty: it stays */
export function UntilField({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const now = useNow(10_000);
  const error = untilOf(value, now) === null ? words.untilPast : undefined;
  return (
    <TextInput
      type="datetime-local"
      label={words.until}
      description={words.untilHint}
      value={value}
      {...(error === undefined ? {} : { error })}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
