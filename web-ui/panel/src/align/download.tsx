// SPDX-License-Identifier: Apache-2.0
// A record as a file, as the machine has it.
import { panel } from "../state/panel";
import { ask_record_text, problem } from "./desk";

export function Download({ uuid, label }: { uuid: string; label: string }) {
  return (
    <button
      type="button"
      class="small-key"
      disabled={!panel.live.value}
      onClick={() =>
        void ask_record_text(uuid).then((record) => {
          if (record === null) {
            panel.explain(problem.peek() ?? "The record could not be told.");
            return;
          }
          const address = URL.createObjectURL(new Blob([record], { type: "application/json" }));
          const link = document.createElement("a");
          link.href = address;
          link.download = `alignment-${uuid}.json`;
          link.click();
          URL.revokeObjectURL(address);
        })
      }
    >
      {label}
    </button>
  );
}
