// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { panel } from "../state/panel";

export function PairingPage() {
  const [entry, set_entry] = useState("");
  return (
    <section class="pairing" aria-label="Pairing">
      <h2>Pair this browser</h2>
      <p>
        The machine takes commands only from browsers that were paired with it once. Open the address that <code>overbiasd</code> printed when it
        started, or paste that address or its token here.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (entry.trim() !== "") {
            void panel.pair_with(entry);
          }
        }}
      >
        <input
          id="token"
          name="token"
          aria-label="Pairing token or printed address"
          placeholder="token"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={entry}
          onInput={(event) => set_entry(event.currentTarget.value)}
        />
        <button type="submit" class="small-key" id="pair" disabled={panel.pairing.value}>
          PAIR
        </button>
      </form>
      {panel.pairing_problem.value !== null && (
        <p class="pairing-problem" role="alert" id="pairing-problem">
          {panel.pairing_problem.value}
        </p>
      )}
      <p class="pairing-hint">
        A token is good for one browser. For a new one, run on the machine: <code>overbias pair</code>
      </p>
    </section>
  );
}
