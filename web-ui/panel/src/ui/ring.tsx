// SPDX-License-Identifier: Apache-2.0
// The ring of a key that is held: it fills while the finger stays (src/style/keys.css).
export function Ring() {
  return (
    <svg class="ring" viewBox="0 0 40 40" aria-hidden="true">
      <circle class="ring-track" cx="20" cy="20" r="16" />
      <circle class="ring-fill" cx="20" cy="20" r="16" pathLength={100} />
      <circle class="ring-core" cx="20" cy="20" r="6" />
    </svg>
  );
}
