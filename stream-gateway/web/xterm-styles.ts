// xterm.js 6.0 cannot be given a nonce (https://github.com/xtermjs/xterm.js/issues/4445), so the build changes the four places
// where it makes styles that our content security policy would refuse (ADR 0056).
import { join } from 'node:path';
import type { Plugin } from 'vite';

const NONCE = join(import.meta.dirname, 'src/style-nonce.ts');

const CHANGES = [
  // Its <style> elements: colours, sizes, the scroll bar.
  { times: 3, from: /([\w.]+\.createElement\("style"\))/g, to: 'Object.assign($1,{nonce:styleNonce()})' },
  // A colour of one cell: the attribute is refused, the same through the property is not.
  {
    times: 1,
    from: /(\w+)\.setAttribute\("style",`\$\{\1\.getAttribute\("style"\)\|\|""\}\$\{(\w+)\};`\)/g,
    to: '$1.style.cssText+=$2+";"',
  },
] as const;

/** @throws Error when this is not the xterm.js that was looked at: then look at where the new one makes styles */
export function withNonces(code: string): string {
  return CHANGES.reduce(
    (changed, { times, from, to }) => {
      const found = changed.match(from)?.length ?? 0;
      if (found !== times) throw new Error(`xterm.js has ${found} of ${from}, expected ${times}: see xterm-styles.ts`);
      return changed.replace(from, to);
    },
    `import { styleNonce } from ${JSON.stringify(NONCE)};\n${code}`,
  );
}

export function xtermStyles(): Plugin {
  return {
    name: 'xterm-styles',
    apply: 'build', // vite serves pages without a policy
    transform: {
      filter: { id: /\/@xterm\/xterm\/lib\/xterm\.mjs$/ },
      handler: (code) => ({ code: withNonces(code), map: null }),
    },
  };
}
