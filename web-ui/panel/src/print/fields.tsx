// SPDX-License-Identifier: Apache-2.0
// The fields of a plan. A field of words takes Space as a letter while the machine stands still (src/ui/keyboard.ts).
import type { Unit } from "./draft";

interface FieldProps {
  id: string;
  label: string;
  value: string;
  other?: string; // what holds where it is left empty
  set: (text: string) => void;
}

const typed = { autocomplete: "off", autocapitalize: "off", spellcheck: false } as const;

export function WordField({ id, label, value, other = "", set }: FieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input id={id} {...typed} data-words="" placeholder={other} value={value} onInput={(event) => set(event.currentTarget.value)} />
    </label>
  );
}

export function NumberField({ id, label, value, other = "", unit, set }: FieldProps & { unit: string }) {
  return (
    <label class="field field-number">
      <span>{unit === "" ? label : `${label}, ${unit}`}</span>
      <input id={id} {...typed} inputMode="text" placeholder={other} value={value} onInput={(event) => set(event.currentTarget.value)} />
    </label>
  );
}

const UNIT_NAMES: Record<Unit, string> = { s: "seconds", ft: "feet", m: "metres" };

/** A length of tape, as a time, in feet or in metres. */
export function LengthField({ id, label, value, other = "", unit, set, set_unit }: FieldProps & { unit: Unit; set_unit: (unit: Unit) => void }) {
  return (
    <div class="field field-length" role="group" aria-label={label}>
      <label for={id}>{label}</label>
      <span>
        <input id={id} {...typed} placeholder={other} value={value} onInput={(event) => set(event.currentTarget.value)} />
        <select aria-label={`${label}: unit`} value={unit} onChange={(event) => set_unit(event.currentTarget.value as Unit)}>
          {(["s", "ft", "m"] as const).map((each) => (
            <option key={each} value={each} aria-label={UNIT_NAMES[each]}>
              {each}
            </option>
          ))}
        </select>
      </span>
    </div>
  );
}

/** On or off. A button, since Space, which ticks a box, is STOP. */
export function Switch({ id, label, on, set }: { id?: string; label: string; on: boolean; set: (on: boolean) => void }) {
  return (
    <button type="button" class="switch" id={id} role="switch" aria-checked={on} onClick={() => set(!on)}>
      <span class="switch-track" aria-hidden="true">
        <span />
      </span>
      {label}
    </button>
  );
}

/** One of a few. */
export function Choice<Of extends string>({ label, of, value, set }: { label: string; of: readonly (readonly [Of, string])[]; value: Of; set: (value: Of) => void }) {
  return (
    <div class="ways" role="group" aria-label={label}>
      {of.map(([each, words]) => (
        <button key={each} type="button" class={`choice ${each === value ? "chosen" : ""}`} aria-pressed={each === value} onClick={() => set(each)}>
          {words}
        </button>
      ))}
    </div>
  );
}
