// SPDX-License-Identifier: Apache-2.0
// What a plan says of the reel as a whole: facts for box and certificate, the tape, the slate, what is done with what is
// heard while it prints.
import { AskedKey } from "../ui/asked_key";
import { TONES, with_tones, type Deed, type Draft, type DraftTone, type PlanFile, type Unit } from "./draft";
import { Choice, LengthField, NumberField, Switch, WordField } from "./fields";
import { REEL_FACTS, TAPE_FACTS, unit_of, type Fact } from "./plan";
import { change, defaults } from "./plan_desk";
import { folder, uploaded } from "./files_desk";

function FactField({ draft, fact }: { draft: Draft; fact: Fact }) {
  const id = `fact-${fact.key.replace(".", "-")}`;
  const value = draft.facts[fact.key] ?? "";
  const set = (text: string) => change((now) => ({ ...now, facts: { ...now.facts, [fact.key]: text } }));
  const other = defaults.value[fact.key] ?? "";
  if (fact.kind === "length") {
    const set_unit = (unit: Unit) => change((now) => ({ ...now, units: { ...now.units, [fact.key]: unit } }));
    return <LengthField id={id} label={fact.label} value={value} other={other} unit={unit_of(draft, fact.key)} set={set} set_unit={set_unit} />;
  }
  return <WordField id={id} label={fact.label} value={value} other={other} set={set} />;
}

export function ReelCard({ draft }: { draft: Draft }) {
  return (
    <details class="card" open>
      <summary>Reel</summary>
      <div class="fields">
        {REEL_FACTS.slice(0, 2).map((fact) => (
          <FactField key={fact.key} draft={draft} fact={fact} />
        ))}
      </div>
      <details class="inner">
        <summary>Catalogue number, client, engineer ...</summary>
        <div class="fields">
          {REEL_FACTS.slice(2).map((fact) => (
            <FactField key={fact.key} draft={draft} fact={fact} />
          ))}
        </div>
      </details>
    </details>
  );
}

const TAILS = [
  ["", "AS SET"],
  ["out", "TAILS OUT"],
  ["in", "HEADS OUT"],
] as const;

export function TapeCard({ draft }: { draft: Draft }) {
  return (
    <details class="card">
      <summary>Tape, leaders, gaps</summary>
      <div class="fields">
        {TAPE_FACTS.map((fact) => (
          <FactField key={fact.key} draft={draft} fact={fact} />
        ))}
      </div>
      <Choice label="How the tape is stored" of={TAILS} value={draft.tails_out === null ? "" : draft.tails_out ? "out" : "in"} set={(value) => change((now) => ({ ...now, tails_out: value === "" ? null : value === "out" }))} />
      <Switch id="split-sides" label="A side that does not fit goes on on another reel" on={draft.split_sides} set={(split_sides) => change((now) => ({ ...now, split_sides }))} />
    </details>
  );
}

function ToneRow({ draft, tone, index }: { draft: Draft; tone: DraftTone; index: number }) {
  const set = (to: Partial<DraftTone>) => change((now) => ({ ...now, tones: (now.tones ?? []).map((each) => (each.key === tone.key ? { ...each, ...to } : each)) }));
  const id = `tone-${tone.key}`;
  return (
    <li class="tone-row">
      <div class="fields">
        <NumberField id={`${id}-hz`} label={index === 0 ? "Reference tone" : "Tone"} unit="Hz" value={tone.frequency_hz} other="1000" set={(frequency_hz) => set({ frequency_hz })} />
        <NumberField id={`${id}-s`} label="For" unit="s" value={tone.duration_s} other="10" set={(duration_s) => set({ duration_s })} />
        <NumberField id={`${id}-db`} label="Level re operating" unit="dB" value={tone.level_re_operating_db} other="0" set={(level_re_operating_db) => set({ level_re_operating_db })} />
      </div>
      <p class="end-keys">
        <Switch label="for azimuth" on={tone.azimuth} set={(azimuth) => set({ azimuth })} />
        <button type="button" class="small-key" disabled={(draft.tones ?? []).length < 2} onClick={() => change((now) => ({ ...now, tones: (now.tones ?? []).filter(({ key }) => key !== tone.key) }))}>
          TAKE OUT
        </button>
      </p>
    </li>
  );
}

/** Files that a voice slate can be: what is uploaded, and what is seen of the machine's folders. */
function voice_files(): PlanFile[] {
  const uploads = uploaded.value.filter(({ complete }) => complete).map(({ id, name }) => ({ file: `upload:${id}`, name }));
  return [...uploads, ...(folder.value?.files ?? []).map(({ file, name }) => ({ file, name }))];
}

export function SlateCard({ draft }: { draft: Draft }) {
  const tones = draft.tones ?? [];
  const bare = ({ frequency_hz, duration_s, level_re_operating_db, azimuth }: DraftTone) => ({ frequency_hz, duration_s, level_re_operating_db, azimuth });
  const files = voice_files();
  return (
    <details class="card">
      <summary>Slate</summary>
      <p class="align-hint">Each side begins with it; its first tone is what the proof reads levels by. {draft.tones === null ? "Now: as the machine is set." : ""}</p>
      <ol class="tones">
        {tones.map((tone, index) => (
          <ToneRow key={tone.key} draft={draft} tone={tone} index={index} />
        ))}
      </ol>
      <p class="end-keys">
        {draft.tones === null ? (
          <button type="button" class="small-key" id="own-tones" onClick={() => change((now) => with_tones(now, TONES))}>
            CHOOSE TONES
          </button>
        ) : (
          <>
            <button type="button" class="small-key" id="another-tone" onClick={() => change((now) => with_tones(now, [...(now.tones ?? []).map(bare), { ...TONES[0], frequency_hz: "", azimuth: false } as Omit<DraftTone, "key">]))}>
              ANOTHER TONE
            </button>
            <button type="button" class="small-key" onClick={() => change((now) => with_tones(now, null))}>
              AS THE MACHINE IS SET
            </button>
          </>
        )}
      </p>
      <label class="field">
        <span>Voice slate</span>
        <select
          id="voice-slate"
          value={draft.voice?.file ?? ""}
          onChange={(event) => {
            const chosen = files.find(({ file }) => file === event.currentTarget.value) ?? null;
            change((now) => ({ ...now, voice: chosen }));
          }}
        >
          <option value="">none</option>
          {draft.voice !== null && !files.some(({ file }) => file === draft.voice?.file) && <option value={draft.voice.file}>{draft.voice.name}</option>}
          {files.map(({ file, name }) => (
            <option key={file} value={file}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </details>
  );
}

/** Findings a print can be told to warn of or to end on (docs/printing-a-reel.md, `live`). */
const LIVE_WORDS: [string, string][] = [
  ["dropout", "Drop-out over the limit"],
  ["missing", "Programme missing off tape"],
  ["channel_missing", "A channel missing"],
  ["not_off_tape", "Not off tape"],
  ["level_droop", "Level droops"],
  ["azimuth", "Azimuth wanders"],
  ["bias", "Bias alarm"],
];
const DEEDS = [
  ["mark", "MARK"],
  ["warn", "WARN"],
  ["stop", "STOP"],
] as const;

export function LiveCard({ draft }: { draft: Draft }) {
  const set = (word: string, deed: Deed) => change((now) => ({ ...now, live: { ...now.live, [word]: deed } }));
  return (
    <details class="card">
      <summary>While it prints</summary>
      <p class="align-hint">Everything is marked in the report. {draft.live === null ? "What warns and what ends the print: as the machine is set." : "What warns is told at once; what stops ends the print, record off first."}</p>
      {draft.live === null ? (
        <button type="button" class="small-key" id="own-live" onClick={() => change((now) => ({ ...now, live: Object.fromEntries(LIVE_WORDS.map(([word]) => [word, (defaults.value[`live.${word}`] as Deed | undefined) ?? "mark"])) }))}>
          CHOOSE
        </button>
      ) : (
        <>
          {LIVE_WORDS.map(([word, words]) => (
            <div key={word} class="live-row">
              <span>{words}</span>
              <Choice label={words} of={DEEDS} value={draft.live?.[word] ?? "mark"} set={(deed) => set(word, deed)} />
            </div>
          ))}
          <button type="button" class="small-key" onClick={() => change((now) => ({ ...now, live: null }))}>
            AS THE MACHINE IS SET
          </button>
        </>
      )}
    </details>
  );
}

export function OverrideCard({ draft }: { draft: Draft }) {
  const set = (key: string, text: string) => change((now) => ({ ...now, facts: { ...now.facts, [`alignment.override_${key}`]: text } }));
  return (
    <section class="card" aria-label="Print without a fresh alignment" id="override">
      <h2>Print all the same</h2>
      <p class="align-hint">Who says so, and why. It stands in the certificate.</p>
      <div class="fields">
        <WordField id="override-name" label="Name" value={draft.facts["alignment.override_name"] ?? ""} set={(text) => set("name", text)} />
        <WordField id="override-reason" label="Reason" value={draft.facts["alignment.override_reason"] ?? ""} set={(text) => set("reason", text)} />
      </div>
    </section>
  );
}

export function ClearKey({ press }: { press: () => void }) {
  return <AskedKey id="clear-plan" label="NEW PLAN" question="Throw this plan away? Files that were uploaded stay." yes="YES, BEGIN ANEW" press={press} />;
}
