// The spec of an object as YAML that is typed, with all that is wrong with it below.
import { Textarea } from '@mantine/core';
import { text } from '../../text/text.ts';

export function SpecField(props: {
  readonly description: string;
  readonly value: string;
  readonly problems: readonly string[];
  readonly onChange: (value: string) => void;
  /** The field that a dialog begins with. */
  readonly first?: true;
}) {
  const { problems } = props;
  return (
    <Textarea
      {...(props.first === true ? { 'data-autofocus': true } : {})}
      label={text.changes.ask.spec}
      description={props.description}
      classNames={{ input: 'ss-spec-input' }}
      value={props.value}
      autosize
      minRows={8}
      maxRows={22}
      spellCheck={false}
      autoComplete="off"
      wrap="off"
      onChange={(event) => props.onChange(event.currentTarget.value)}
      {...(problems.length === 0 ? {} : { error: <Problems problems={problems} /> })}
    />
  );
}

function Problems({ problems }: { readonly problems: readonly string[] }) {
  return problems.map((problem) => (
    <span key={problem} className="ss-spec-problem">
      {problem}
    </span>
  ));
}
