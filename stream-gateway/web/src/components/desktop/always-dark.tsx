// A desktop's surroundings do not follow the theme: Mantine's colours are set anew below the element of the desktop.
import { MantineProvider } from '@mantine/core';
import type { ReactNode } from 'react';
import { styleNonce } from '../../style-nonce.ts';
import { theme } from '../../theme.ts';

export function AlwaysDark({ children }: { readonly children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      forceColorScheme="dark"
      cssVariablesSelector=".ss-desktop"
      getRootElement={() => undefined}
      getStyleNonce={styleNonce}
      deduplicateCssVariables={false}
      withGlobalClasses={false}
    >
      {children}
    </MantineProvider>
  );
}
