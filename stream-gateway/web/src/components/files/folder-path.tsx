// Where one is in the home, each step a way back.
import { IconChevronRight, IconHome } from '@tabler/icons-react';
import { text } from '../../text/text.ts';

export function FolderPath({ path, onPath }: { readonly path: string; readonly onPath: (path: string) => void }) {
  const names = path === '' ? [] : path.split('/');
  const steps = [
    { name: text.files.home, path: '' },
    ...names.map((name, index) => ({ name, path: names.slice(0, index + 1).join('/') })),
  ];
  return (
    <nav aria-label={text.files.path} className="ss-files-path">
      <ol>
        {steps.map((step, index) => (
          <li key={step.path}>
            {index === 0 ? (
              <IconHome size={14} aria-hidden="true" className="ss-inline-icon" />
            ) : (
              <IconChevronRight size={14} aria-hidden="true" className="ss-inline-icon" />
            )}
            {index === steps.length - 1 ? (
              <span aria-current="page">{step.name}</span>
            ) : (
              <button type="button" className="ss-link-button" onClick={() => onPath(step.path)}>
                {step.name}
              </button>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
