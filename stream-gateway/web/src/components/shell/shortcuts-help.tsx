// The list of shortcuts, under `?`.
import { Kbd, Modal } from '@mantine/core';
import { text } from '../../text/text.ts';

export function ShortcutsHelp({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title={text.shortcuts.title} closeButtonProps={{ 'aria-label': text.close }}>
      <dl className="ss-shortcuts">
        {text.shortcuts.rows.map((row) => (
          <div key={row.what}>
            <dt>
              {row.keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
              {row.to === undefined ? null : (
                <>
                  {` ${text.shortcuts.upTo} `}
                  <Kbd>{row.to}</Kbd>
                </>
              )}
            </dt>
            <dd>{row.what}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
