/** Mark is our sign. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden>
      <rect width="32" height="32" rx="8" fill="#2450c8" />
      <g fill="none" stroke="#fff" strokeWidth="2.5" strokeLinecap="round">
        <circle cx="10" cy="10" r="3" />
        <circle cx="22" cy="22" r="3" />
        <path d="M10 13v3c0 3 12 0 12 3" />
      </g>
      <circle cx="22" cy="10" r="2" fill="#8fb0ff" />
      <circle cx="10" cy="22" r="2" fill="#8fb0ff" />
    </svg>
  );
}
