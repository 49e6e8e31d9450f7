export function Logo() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path
        d="M3 8l9 12 9-12M7.5 8L12 14l4.5-6M10.6 8L12 9.9 13.4 8"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.9"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}
