// The states that every list owes its reader besides "ready": loading, failed, forbidden, empty, partial.
import { Button, Skeleton } from '@mantine/core';
import { IconAlertTriangle, IconLock, IconMoodEmpty, type IconProps } from '@tabler/icons-react';
import type { ComponentType, ReactNode } from 'react';
import type { ApiError } from '../../api/problem.ts';
import { text } from '../../text/text.ts';

export function Message(props: {
  readonly icon?: ComponentType<IconProps>;
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  readonly role?: 'alert' | 'status';
  readonly tone?: 'bad' | 'plain';
  /** It is all there is on the page. */
  readonly whole?: true;
}) {
  const Icon = props.icon ?? IconMoodEmpty;
  const Heading = props.whole === true ? 'h1' : 'h2';
  return (
    <div className="ss-message" data-tone={props.tone ?? 'plain'} role={props.role}>
      <span className="ss-message-icon" aria-hidden="true">
        <Icon size={22} stroke={1.6} />
      </span>
      <Heading className="ss-message-title">{props.title}</Heading>
      {props.children === undefined ? null : <div className="ss-message-text">{props.children}</div>}
      {props.actions === undefined ? null : <div className="ss-message-actions">{props.actions}</div>}
    </div>
  );
}

/** A failure with code, plain words, what to do, retry and the id that an admin can look up. */
export function Failed(props: { readonly title: string; readonly error: ApiError; readonly retry?: (() => void) | undefined }) {
  const { error } = props;
  const actions =
    props.retry === undefined ? undefined : (
      <Button variant="default" onClick={props.retry}>
        {text.states.retry}
      </Button>
    );
  return (
    <Message icon={IconAlertTriangle} tone="bad" role="alert" title={props.title} actions={actions}>
      <p>{error.message}</p>
      <p>{error.remedy}</p>
      <ErrorFacts error={error} />
    </Message>
  );
}

export function Forbidden({ why, who }: { readonly why: string; readonly who: string }) {
  return (
    <Message icon={IconLock} title={text.states.forbiddenTitle} role="alert">
      <p>{why}</p>
      <p>{who}</p>
    </Message>
  );
}

export function ErrorFacts({ error }: { readonly error: Pick<ApiError, 'code' | 'requestId' | 'fields'> }) {
  return (
    <>
      {error.fields.length === 0 ? null : (
        <ul className="ss-plain-list">
          {error.fields.map(({ path, message }) => (
            <li key={path}>
              <code>{path}</code>: {message}
            </li>
          ))}
        </ul>
      )}
      <p className="ss-error-facts">
        {text.states.code} <code>{error.code}</code>
        {error.requestId === null ? null : (
          <>
            {' · '}
            {text.states.requestId} <code>{error.requestId}</code>
          </>
        )}
      </p>
    </>
  );
}

/** Stands in for a list in its final shape. */
export function Loading({
  rows,
  height,
  className,
}: {
  readonly rows: number;
  readonly height: number;
  readonly className?: string;
}) {
  return (
    <div className={className ?? 'ss-stack'} role="status" aria-label={text.states.loading}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <Skeleton key={row} height={height} radius="md" />
      ))}
    </div>
  );
}

export function Partial({ shown }: { readonly shown: number }) {
  return <p className="ss-note">{text.states.partial(shown)}</p>;
}
