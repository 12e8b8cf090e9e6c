// All words of the page, in one catalogue: another language is another value of this shape.
import { access } from './access.ts';
import { audit } from './audit.ts';
import { catalog } from './catalog.ts';
import { changes } from './changes.ts';
import { console } from './console.ts';
import { desktop } from './desktop.ts';
import { displays } from './displays.ts';
import { factors } from './factors.ts';
import { files } from './files.ts';
import { general } from './general.ts';
import { git } from './git.ts';
import { gitObjects } from './git-objects.ts';
import { gitSource } from './git-source.ts';
import { health } from './health.ts';
import { account, home, signIn } from './home.ts';
import { lifetime } from './lifetime.ts';
import { link } from './link.ts';
import { breakGlass, people } from './people.ts';
import { player } from './player.ts';
import { quotas } from './quotas.ts';
import { recordings } from './recordings.ts';
import { rules } from './rules.ts';
import { sessions } from './sessions.ts';
import { sharing } from './sharing.ts';
import { teams } from './teams.ts';
import { touch } from './touch.ts';

export const text = {
  ...general,
  signIn,
  access,
  audit,
  quotas,
  teams,
  changes,
  home,
  account,
  catalog,
  sessions,
  lifetime,
  rules,
  recordings,
  sharing,
  people,
  health,
  breakGlass,
  player,
  desktop,
  displays,
  console,
  link,
  touch,
  factors,
  files,
  git,
  source: { ...gitSource, ...gitObjects },
};
