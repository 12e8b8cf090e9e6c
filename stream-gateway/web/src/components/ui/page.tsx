// The frame of a page: title (also of the tab), where it belongs, actions, content.
import { Anchor } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { Link, type LinkProps } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { text } from '../../text/text.ts';

export function Page(props: {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly icon?: ReactNode;
  readonly parent?: { readonly title: string; readonly to: NonNullable<LinkProps['to']> };
  readonly badge?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  useTitle(props.title);
  return (
    <div className="ss-page">
      {props.parent === undefined ? null : (
        <nav aria-label={text.nav.breadcrumb} className="ss-breadcrumb">
          <Anchor renderRoot={(rest) => <Link to={props.parent?.to ?? '/'} {...rest} />}>{props.parent.title}</Anchor>
          <IconChevronRight size={14} aria-hidden="true" />
          <span aria-current="page">{props.title}</span>
        </nav>
      )}
      <header className="ss-page-header">
        {props.icon}
        <div className="ss-page-heading">
          <h1>{props.title}</h1>
          {props.badge}
          {props.lead === undefined ? null : <p className="ss-page-lead">{props.lead}</p>}
        </div>
        {props.actions === undefined ? null : <div className="ss-page-actions">{props.actions}</div>}
      </header>
      {props.children}
    </div>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ${text.product}`;
  }, [title]);
}

export function Section(props: {
  readonly title: string;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section className="ss-section" aria-label={props.title}>
      <div className="ss-section-header">
        <h2>{props.title}</h2>
        {props.note === undefined ? null : <span className="ss-note">{props.note}</span>}
        {props.actions === undefined ? null : <div className="ss-section-actions">{props.actions}</div>}
      </div>
      {props.children}
    </section>
  );
}

/** Facts as term and value. */
export function Facts({ rows }: { readonly rows: readonly (readonly [term: string, value: ReactNode])[] }) {
  return (
    <dl className="ss-facts">
      {rows.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
