// Tabs that are addresses: each is a link, so it can be opened elsewhere, sent to somebody and gone back from.
import { Link, type LinkProps } from '@tanstack/react-router';

export interface Tab {
  readonly key: string;
  readonly label: string;
  readonly link: Pick<LinkProps, 'to' | 'params' | 'search'>;
}

export function Tabs(props: { readonly label: string; readonly tabs: readonly Tab[]; readonly current: string }) {
  return (
    <nav className="ss-tabs" aria-label={props.label}>
      {props.tabs.map(({ key, label, link }) => (
        <Link key={key} {...link} replace className="ss-tab" aria-current={key === props.current ? 'page' : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
