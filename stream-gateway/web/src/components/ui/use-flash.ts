// True for a moment after `stamp` has changed: what came or changed while one was looking.
import { useEffect, useState } from 'react';

const FLASH_MS = 1_600;

export function useFlash(stamp: number | undefined): boolean {
  const [flashing, setFlashing] = useState(false);
  useEffect(() => {
    if (stamp === undefined) return;
    const left = stamp + FLASH_MS - Date.now();
    if (left <= 0) return;
    setFlashing(true);
    const timer = setTimeout(() => setFlashing(false), left);
    return () => clearTimeout(timer);
  }, [stamp]);
  return flashing;
}
