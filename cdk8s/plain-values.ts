// Props as plain JSON: amounts with units become the text that Kubernetes reads, what is undefined is left out.
import { Duration, Size } from 'cdk8s';

/** `Duration.minutes(90)` -> `1h30m`. @throws Error for a duration that is no whole number of seconds */
function durationText(duration: Duration): string {
  const total = duration.toSeconds();
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(total / 3600), 'h'],
    [Math.floor((total % 3600) / 60), 'm'],
    [total % 60, 's'],
  ];
  const text = parts.map(([amount, unit]) => (amount === 0 ? '' : `${amount}${unit}`)).join('');
  return text === '' ? '0s' : text;
}

/** A deep copy. Functions and symbols are left as they are: the schema names them as mistakes. */
export function plainValues(value: unknown): unknown {
  if (value instanceof Size) return value.asString();
  if (value instanceof Duration) return durationText(value);
  if (Array.isArray(value)) return value.map(plainValues);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, plainValues(inner)]),
  );
}
