// A day and a time in the reader's zone, or nothing; and until when what is asked for is wanted.
import { TextInput } from '@mantine/core';
import { untilOf } from '../../model/git/until.ts';
import { text } from '../../text/text.ts';
import { useNow } from '../ui/use-now.ts';

const words = text.changes.ask;

/** @param props value as the field has it */
export function TimeField(props: {
  readonly label: string;
  readonly description: string;
  readonly value: string;
  readonly error?: string | undefined;
  readonly onChange: (value: string) => void;
}) {
  const { error, onChange, ...rest } = props;
  return (
    <TextInput
      type="datetime-local"
      {...rest}
      {...(error === undefined ? {} : { error })}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** @param value as the field has it; empty: it stays */
export function UntilField({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const now = useNow(10_000);
  const error = untilOf(value, now) === null ? words.untilPast : undefined;
  return <TimeField label={words.until} description={words.untilHint} value={value} error={error} onChange={onChange} />;
}
