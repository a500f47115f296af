// SPDX-License-Identifier: Apache-2.0
// Unfolds the analysers' figures (analysis.tsx).
import { panel } from "../state/panel";

export function AnalysisKey() {
  const open = panel.analysing.value === "open";
  return (
    <button
      type="button"
      class="small-key"
      id="key-analysis"
      aria-expanded={open}
      onClick={(event) => {
        panel.analysing.value = open ? "closed" : "open";
        if (event.detail > 0) {
          event.currentTarget.blur();
        }
      }}
    >
      ANALYSE
    </button>
  );
}
