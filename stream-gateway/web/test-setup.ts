// What jsdom lacks and Mantine or the router asks for; what a test left on the page goes away after it.
import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// A whole page in jsdom beside a busy cluster is slow, not wrong; and a failure need not print all of it.
vi.setConfig({ testTimeout: 60_000 });
configure({ asyncUtilTimeout: 15_000, getElementError: (message) => new Error(message ?? 'nothing was found') });

// jsdom has no fonts to wait for; a field that grows with its text listens to them.
Object.defineProperty(document, 'fonts', { configurable: true, value: new EventTarget() });

window.matchMedia = (query) =>
  ({
    matches: false,
    media: query,
    onchange: null,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    addListener: () => undefined,
    removeListener: () => undefined,
    dispatchEvent: () => false,
  }) as MediaQueryList;

window.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};
window.scrollTo = () => undefined;
Element.prototype.scrollIntoView = () => undefined;

afterEach(() => {
  cleanup();
  window.localStorage.clear();
  vi.useRealTimers();
});
