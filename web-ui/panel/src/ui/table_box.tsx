// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from "preact";

/** A table that scrolls in its own box, also by the keyboard. */
export function TableBox({ name, id, children }: { name: string; id?: string; children: ComponentChildren }) {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={name} id={id}>
      {children}
    </div>
  );
}
