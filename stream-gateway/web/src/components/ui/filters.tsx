// What narrows a list: words that one types, beside them the choice of what is shown; and what stands there when nothing is left.
import { Button, CloseButton, TextInput } from '@mantine/core';
import { IconFilterOff, IconSearch } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { text } from '../../text/text.ts';
import { Message } from './states.tsx';

export interface FilterWords {
  readonly search: string;
  readonly placeholder: string;
}

export function FilterBar(props: {
  readonly words: FilterWords;
  readonly typed: string;
  readonly onType: (typed: string) => void;
  /** Further choices. */
  readonly children?: ReactNode;
}) {
  const { words, typed, onType, children } = props;
  return (
    <search className="ss-filters">
      <TextInput
        className="ss-filter-text"
        type="search"
        aria-label={words.search}
        placeholder={words.placeholder}
        leftSection={<IconSearch size={16} aria-hidden="true" />}
        rightSection={typed === '' ? null : <CloseButton size="sm" aria-label={text.clearSearch} onClick={() => onType('')} />}
        value={typed}
        onChange={(event) => onType(event.currentTarget.value)}
      />
      {children}
    </search>
  );
}

export function NothingFound(props: {
  readonly title: string;
  readonly explanation: string;
  readonly clear: string;
  readonly onClear: () => void;
}) {
  const { title, explanation, clear, onClear } = props;
  return (
    <Message
      icon={IconFilterOff}
      title={title}
      actions={
        <Button variant="default" onClick={onClear}>
          {clear}
        </Button>
      }
    >
      <p>{explanation}</p>
    </Message>
  );
}
