// A key that was just made: shown this once.
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { text } from '../../text/text.ts';
import { CopyText } from '../ui/copy-button.tsx';

interface CreatedKeyProps {
  readonly value: string;
  /** What else there is to know. */
  readonly children?: ReactNode;
  readonly onDone: () => void;
}

export function CreatedKey({ value, children, onDone }: CreatedKeyProps) {
  const { account } = text;
  return (
    <div className="ss-form">
      <p>
        <strong>{account.created}</strong> {account.createdText}
      </p>
      <div className="ss-secret">
        <code>{value}</code>
        <CopyText value={value} />
      </div>
      {children}
      <div className="ss-form-actions">
        <Button onClick={onDone}>{account.done}</Button>
      </div>
    </div>
  );
}
