// SPDX-License-Identifier: Apache-2.0
// Laid over what is no longer live.
export function StaleMark({ show }: { show: boolean }) {
  return show ? (
    <div class="stale-mark">
      <span>STALE</span>
    </div>
  ) : null;
}
