// Tabs that are addresses: each is a link, so it can be opened elsewhere, sent to somebody and gone back from.
import { Link, type LinkProps } from '@tanstack/react-router';

export interface Tab {
  readonly key: string;
  readonly label: string;
  readonly count?: number | undefined;
  readonly link: Pick<LinkProps, 'to' | 'params' | 'search'>;
}

/** The router marks what is a part of the address, too: every tab would do as the one without a search. */
const EXACT = { exact: true, includeSearch: true };

export function Tabs(props: { readonly label: string; readonly tabs: readonly Tab[]; readonly current: string }) {
  return (
    <nav className="ss-tabs" aria-label={props.label}>
      {props.tabs.map(({ key, label, count, link }) => (
        <Link
          key={key}
          {...link}
          replace
          activeOptions={EXACT}
          className="ss-tab"
          aria-current={key === props.current ? 'page' : undefined}
        >
          {label}
          {count === undefined ? null : <span className="ss-tab-count"> {count}</span>}
        </Link>
      ))}
    </nav>
  );
}
