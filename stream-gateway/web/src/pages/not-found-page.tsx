// An address without a page, and a page that broke.
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconMapQuestion } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTitle } from '../components/ui/page.tsx';
import { Message } from '../components/ui/states.tsx';
import { text } from '../text/text.ts';

export function NotFoundPage() {
  useTitle(text.states.notFoundTitle);
  return (
    <Message
      whole
      icon={IconMapQuestion}
      title={text.states.notFoundTitle}
      actions={<Button renderRoot={(rest) => <Link to="/" {...rest} />}>{text.states.toHome}</Button>}
    >
      <p>{text.states.notFoundText}</p>
    </Message>
  );
}

/** Usually a chunk of an older build that a new gateway does not have any more: a reload mends it. */
export function PageFailed({ error }: { readonly error: unknown }) {
  return (
    <Message
      whole
      icon={IconAlertTriangle}
      tone="bad"
      role="alert"
      title={text.states.pageFailed}
      actions={<Button onClick={() => window.location.reload()}>{text.states.reload}</Button>}
    >
      <p>{error instanceof Error ? error.message : null}</p>
    </Message>
  );
}
