// One template in the catalog, as a card or a row.
import { ActionIcon, Button } from '@mantine/core';
import { IconRocket, IconStar, IconStarFilled } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { TemplateView } from '../../../../../schemas/api/api.ts';
import { SYSTEM_NAMESPACE } from '../../../../../schemas/names.ts';
import { templateRef } from '../../model/access/teams.ts';
import { bytesText, cpuText } from '../../model/quantity.ts';
import { text } from '../../text/text.ts';
import { usePersonal } from '../account/personal.tsx';
import type { Launch } from '../sessions/use-launch.ts';
import { useFlash } from '../ui/use-flash.ts';
import { TemplateIcon } from './template-icon.tsx';

export function TemplateCard(props: {
  readonly template: TemplateView;
  readonly launch: Launch;
  readonly touched: number | undefined;
  readonly view: 'grid' | 'list';
}) {
  const { template, launch, view } = props;
  const { spec, metadata } = template;
  const flashing = useFlash(props.touched);
  const { namespace = SYSTEM_NAMESPACE, name } = metadata;
  return (
    <article className="ss-card" data-view={view} data-flash={flashing} aria-label={spec.displayName}>
      <TemplateIcon icon={spec.icon} size={view === 'grid' ? 48 : 40} />
      <div className="ss-card-body">
        <h2>
          <Link className="ss-card-link" to="/catalog/$namespace/$name" params={{ namespace, name }}>
            {spec.displayName}
          </Link>
        </h2>
        <p className="ss-card-summary">{spec.summary === '' ? metadata.name : spec.summary}</p>
        <ul className="ss-chips" aria-label={text.catalog.categories}>
          {spec.maturity === 'stable' ? null : (
            <li className="ss-chip" data-maturity={spec.maturity} title={text.catalog.maturityText[spec.maturity]}>
              {text.catalog.maturity[spec.maturity]}
            </li>
          )}
          {spec.categories.slice(0, 3).map((category) => (
            <li key={category} className="ss-chip">
              {category}
            </li>
          ))}
        </ul>
      </div>
      <div className="ss-card-foot">
        <span className="ss-note">
          {cpuText(spec.resources.cpu)} · {bytesText(spec.resources.memory)}
        </span>
        <FavouriteButton template={template} />
        <LaunchButton template={template} launch={launch} />
      </div>
    </article>
  );
}

export function FavouriteButton({ template }: { readonly template: TemplateView }) {
  const { personal, toggleFavourite } = usePersonal();
  const ref = templateRef(template);
  const favourite = personal.favourites.includes(ref);
  const { displayName } = template.spec;
  return (
    <ActionIcon
      variant="subtle"
      color={favourite ? 'yellow' : 'gray'}
      size={32}
      aria-pressed={favourite}
      aria-label={favourite ? text.catalog.unfavourite(displayName) : text.catalog.favourite(displayName)}
      onClick={() => toggleFavourite(ref)}
    >
      {favourite ? <IconStarFilled size={16} aria-hidden="true" /> : <IconStar size={16} aria-hidden="true" />}
    </ActionIcon>
  );
}

export function LaunchButton(props: {
  readonly template: TemplateView;
  readonly launch: Launch;
  readonly namespace?: string;
  readonly size?: 'xs' | 'sm' | 'md';
  /** It is off; the id of the words that say why. It can still be reached by keyboard, so that they are heard. */
  readonly offBecause?: string | undefined;
}) {
  const { template, launch, namespace, size = 'xs', offBecause } = props;
  if (launch.teams(template).length === 0) return null;
  return (
    <Button
      size={size}
      leftSection={<IconRocket size={16} stroke={1.8} aria-hidden="true" />}
      loading={launch.launching === templateRef(template)}
      aria-label={size === 'md' ? text.catalog.launch : text.catalog.launchNamed(template.spec.displayName)}
      {...(offBecause === undefined ? {} : { 'aria-disabled': true, 'aria-describedby': offBecause, 'data-disabled': true })}
      onClick={() => {
        if (offBecause === undefined) launch.launch(template, namespace === undefined ? {} : { namespace });
      }}
    >
      {text.catalog.launch}
    </Button>
  );
}
