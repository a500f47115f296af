// SPDX-License-Identifier: Apache-2.0
// A key that asks once before it does anything: what can't be taken back by pressing another.
import { useState } from "preact/hooks";

interface AskedKeyProps {
  id: string;
  label: string;
  question: string;
  yes: string;
  no?: string;
  class?: string;
  disabled?: boolean;
  press: (pressed_ms: number) => void;
}

export function AskedKey({ id, label, question, yes, no = "NO", class: look = "small-key", disabled = false, press }: AskedKeyProps) {
  const [asking, set_asking] = useState(false);
  if (!asking) {
    return (
      <button type="button" class={look} id={id} disabled={disabled} onClick={() => set_asking(true)}>
        {label}
      </button>
    );
  }
  return (
    <span class="asking" role="group" aria-label={question}>
      <span class="question">{question}</span>
      <button
        type="button"
        class={look}
        id={`${id}-yes`}
        disabled={disabled}
        onClick={(event) => {
          set_asking(false);
          press(event.timeStamp);
        }}
      >
        {yes}
      </button>
      <button type="button" class={look} id={`${id}-no`} ref={(key) => key?.focus()} onClick={() => set_asking(false)}>
        {no}
      </button>
    </span>
  );
}
