// A search field whose text is part of the address: results follow every letter, the address a moment later.
import { useEffect, useRef, useState } from 'react';

/** Safari allows 100 changes of the address in 30 s. */
const ADDRESS_DELAY_MS = 250;

export function useSearchText(inAddress: string, setAddress: (text: string) => void): [string, (text: string) => void] {
  const [typed, setTyped] = useState(inAddress);
  const written = useRef(inAddress);
  const set = useRef(setAddress);
  useEffect(() => {
    set.current = setAddress;
  });
  useEffect(() => {
    // Back, forward or a cleared filter: the address is right.
    if (inAddress === written.current) return;
    written.current = inAddress;
    setTyped(inAddress);
  }, [inAddress]);
  useEffect(() => {
    if (typed === written.current) return;
    const timer = setTimeout(() => {
      written.current = typed;
      set.current(typed);
    }, ADDRESS_DELAY_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return [typed, setTyped];
}
