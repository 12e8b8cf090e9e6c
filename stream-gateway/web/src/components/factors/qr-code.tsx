// A QR code as inline SVG, made in the page: the secret in it goes nowhere. Always dark on light, or cameras do not see it.
import { generate } from 'lean-qr';

/** Of the standard: modules of quiet around it. */
const QUIET = 4;

export function QrCode({ value, label }: { readonly value: string; readonly label: string }) {
  const code = generate(value);
  let dark = '';
  for (let y = 0; y < code.size; y += 1) for (let x = 0; x < code.size; x += 1) if (code.get(x, y)) dark += `M${x} ${y}h1v1h-1z`;
  const side = code.size + 2 * QUIET;
  return (
    <svg
      className="ss-qr"
      role="img"
      aria-label={label}
      viewBox={`${-QUIET} ${-QUIET} ${side} ${side}`}
      shapeRendering="crispEdges"
    >
      <title>{label}</title>
      <rect x={-QUIET} y={-QUIET} width={side} height={side} fill="#fff" />
      <path d={dark} fill="#000" />
    </svg>
  );
}
