// The pictures of schemas/kinds/template.ts: a Tabler icon on a ground of its own, the same one everywhere.
import {
  IconBrush,
  IconCode,
  IconDatabase,
  IconDeviceDesktop,
  IconFlask2,
  type IconProps,
  IconSchool,
  IconTable,
  IconTerminal2,
  IconTool,
  IconWorldWww,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { TemplateSpec } from '../../../../../schemas/kinds/template.ts';

type IconName = TemplateSpec['icon'];

const ICONS: Readonly<Record<IconName, ComponentType<IconProps>>> = {
  terminal: IconTerminal2,
  browser: IconWorldWww,
  code: IconCode,
  desktop: IconDeviceDesktop,
  database: IconDatabase,
  design: IconBrush,
  office: IconTable,
  science: IconFlask2,
  education: IconSchool,
  tool: IconTool,
};

/** Decoration: the name always stands beside it. An icon that this page does not know yet is a desktop. */
export function TemplateIcon({ icon, size = 40 }: { readonly icon: string | undefined; readonly size?: number }) {
  const name: IconName = isIconName(icon) ? icon : 'desktop';
  const Icon = ICONS[name];
  return (
    <span className="ss-template-icon" data-icon={name} style={{ width: size, height: size }} aria-hidden="true">
      <Icon size={Math.round(size * 0.56)} stroke={1.6} />
    </span>
  );
}

function isIconName(icon: string | undefined): icon is IconName {
  return icon !== undefined && Object.hasOwn(ICONS, icon);
}
