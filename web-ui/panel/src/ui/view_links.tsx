// SPDX-License-Identifier: Apache-2.0
// The pages of the panel. A page behind which something goes on is marked.
import { VIEWS } from "../state/view";
import { panel } from "../state/panel";

export function ViewLinks() {
  const view = panel.view.value;
  const { job } = panel.machine.value;
  const marks = { deck: null, align: panel.alignment.value === null ? null : "runs", bias: panel.bias_word.value, print: job?.gate ? "waits" : job?.name === "print" ? "runs" : null, transfer: job?.name === "transfer" ? "runs" : null };
  return (
    <nav class="views" aria-label="Pages">
      {VIEWS.map(([each, label]) => (
        <a
          key={each}
          href={`#${each}`}
          id={`view-${each}`}
          aria-current={view === each ? "page" : undefined}
          onClick={(event) => {
            panel.chosen_view.value = each; // also where the address says it already
            if (event.detail > 0) {
              event.currentTarget.blur();
            }
          }}
        >
          {label}
          {marks[each] !== null && <span class={`view-mark view-mark-${marks[each]}`}>{marks[each]}</span>}
        </a>
      ))}
    </nav>
  );
}
