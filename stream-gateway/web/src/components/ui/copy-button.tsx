// Copies a text; says so in its own label.
import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { text } from '../../text/text.ts';

export function CopyText({ value, label = text.copy.copy }: { readonly value: string; readonly label?: string }) {
  return (
    <CopyButton value={value} timeout={2_000}>
      {({ copied, copy }) => (
        <Button
          variant="default"
          size="xs"
          leftSection={copied ? <IconCheck size={14} aria-hidden="true" /> : <IconCopy size={14} aria-hidden="true" />}
          onClick={copy}
        >
          {copied ? text.copy.copied : label}
        </Button>
      )}
    </CopyButton>
  );
}
