const LEAF = "M32 4c4.6 4.4 5.6 10.6 0 17-5.6-6.4-4.6-12.6 0-17z";
const LEAVES = [0, 45, 90, 135, 180, 225, 270, 315];

/** The ring of leaves: seasons that come round. `public/mark.svg` is the same drawing. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 64 64"
      fill="var(--accent)"
      aria-hidden="true"
      focusable="false"
    >
      {LEAVES.map((angle) => (
        <path
          key={angle}
          d={LEAF}
          transform={`rotate(${angle} 32 32) rotate(32 32 12.5)`}
          opacity={angle % 90 === 0 ? 1 : 0.55}
        />
      ))}
    </svg>
  );
}
