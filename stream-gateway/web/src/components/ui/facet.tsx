// One facet: choices with counts as toggle buttons in a row; "All" clears it.
import { UnstyledButton } from '@mantine/core';
import { text } from '../../text/text.ts';

export function Facet<T extends string>(props: {
  readonly label: string;
  readonly chosen: T | null;
  readonly choices: readonly { readonly value: T; readonly label: string; readonly count: number; readonly hint?: string }[];
  readonly onChoose: (value: T | null) => void;
}) {
  if (props.choices.length === 0) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings its own layout, and the legend is the label here
    <div className="ss-facet" role="group" aria-label={props.label}>
      <span className="ss-facet-label" aria-hidden="true">
        {props.label}
      </span>
      <UnstyledButton className="ss-facet-choice" aria-pressed={props.chosen === null} onClick={() => props.onChoose(null)}>
        {text.catalog.everything}
      </UnstyledButton>
      {props.choices.map(({ value, label, count, hint }) => (
        <UnstyledButton
          key={value}
          className="ss-facet-choice"
          aria-pressed={value === props.chosen}
          title={hint}
          onClick={() => props.onChoose(value === props.chosen ? null : value)}
        >
          {label} <span className="ss-facet-count">{count}</span>
        </UnstyledButton>
      ))}
    </div>
  );
}
