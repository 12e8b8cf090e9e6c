// A screen with a stream in it. Decoration; the product's name stands beside it.
export function Logo({ size = 26 }: { readonly size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" className="ss-logo">
      <rect x="2" y="4" width="28" height="20" rx="5" className="ss-logo-screen" />
      <path d="M8 16.5c2.7-5 5.3-5 8 0s5.3 5 8 0" className="ss-logo-stream" />
      <path d="M11 28h10" className="ss-logo-foot" />
    </svg>
  );
}
