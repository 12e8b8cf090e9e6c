// What an open stream does when its policy or its right becomes another.
import type { StreamSpaceError } from '../../schemas/errors.ts';
import { wayProblem } from './pixels/pixel-path.ts';
import type { RelayContext } from './relay-context.ts';
import type { ToBrowser } from './to-browser.ts';
import type { ToDesktop } from './to-desktop.ts';

/** Other rules may let the two ends offer each other something else, or show something else. */
export function followPolicy(
  { dlp, clipboard, desktop, pixels }: RelayContext,
  toBrowser: ToBrowser,
  onProblem: (problem: StreamSpaceError) => void,
): Disposable {
  const stop = dlp.policy.onChange(() => {
    const problem = wayProblem(dlp.policy, pixels);
    if (problem !== undefined) {
      onProblem(problem);
      return;
    }
    pixels?.refresh();
    const [ofDesktop, ofBrowser] = [clipboard.announcement('server'), clipboard.announcement('client')];
    if (ofDesktop !== undefined) toBrowser.insert(ofDesktop);
    if (ofBrowser !== undefined) desktop.write(ofBrowser);
  });
  return { [Symbol.dispose]: stop };
}

/** Who may no longer type holds nothing down any more. */
export function followSeat(context: RelayContext, toDesktop: ToDesktop): Disposable {
  const stop = context.seat?.onChange(() => {
    if (context.right === 'view') toDesktop.release();
  });
  return { [Symbol.dispose]: () => stop?.() };
}
