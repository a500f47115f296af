// SPDX-License-Identifier: Apache-2.0
// What happens while a print or a verification runs, in words, and how grave it is. Pure.
import { value_entry } from "../align/value_entry";
import type { Happening } from "../state/happenings";
import { reason_in_words } from "../state/reasons";

export interface Heard {
  key: number;
  severity: "course" | "mark" | "warn" | "stop";
  words: string;
}

const COURSE: Record<string, (detail: Record<string, string>) => string> = {
  track_start: ({ what }) => what ?? "a track begins",
  section_start: ({ what }) => what ?? "",
  verify_section: ({ what }) => what ?? "",
  record_on: () => "record is on",
  proven: () => "what comes back is proven to come off tape",
  gate_confirmed: () => "confirmed",
  position_corrected: () => "matched by ear: the place on the tape is set right",
  side_done: ({ side, verdict }) => `side ${side ?? ""} is done: ${verdict ?? ""}`,
};

function one({ seq, kind, detail, counter_m }: Happening): Heard | null {
  const place = counter_m === null ? "" : `, at ${counter_m.toFixed(1)} m`;
  const heard = (severity: Heard["severity"], words: string): Heard => ({ key: seq, severity, words });
  if (kind === "dropout") {
    const more = [detail.channel, detail.depth_db === undefined ? "" : `${detail.depth_db} dB`, detail.length_ms === undefined ? "" : `${detail.length_ms} ms`].filter((word) => word);
    return heard("mark", `drop-out${more.length === 0 ? "" : `, ${more.join(", ")}`}${place}${detail.count === undefined ? "" : `; ${detail.count} so far`}`);
  }
  if (kind === "live_warning") {
    return heard("warn", `${reason_in_words(detail.reason ?? null) ?? ""} ${detail.words ?? ""}`.trim());
  }
  if (kind === "record_off") {
    return detail.why === undefined ? heard("course", "record is off") : heard("stop", detail.why);
  }
  if (kind === "xrun") {
    return heard("mark", `frames were lost${detail.length_ms === undefined ? "" : `, ${detail.length_ms} ms`}${place}`);
  }
  if (kind === "session_not_stored") {
    return heard("warn", `the session could not be stored: ${detail.why ?? detail.words ?? ""}`);
  }
  if (kind === "bias_warning" || kind === "bias_alarm") {
    return heard(kind === "bias_alarm" ? "stop" : "warn", detail.words ?? kind.replaceAll("_", " "));
  }
  const words = COURSE[kind]?.(detail) ?? "";
  return words === "" ? null : heard("course", words);
}

/** Newest first. That it comes off tape is told about once a second: it is news once after record on. */
export function heard_of(all: Happening[]): Heard[] {
  let proven = false;
  return all
    .filter(({ kind }) => {
      const again = kind === "proven" && proven;
      proven = kind === "proven" || (proven && kind !== "record_on" && kind !== "record_off");
      return !again;
    })
    .flatMap((each) => one(each) ?? [])
    .reverse();
}

/** What the comparison off tape stands at. */
export interface Live {
  level_db: (number | null)[]; // off tape less sent; left, right
  delay_ms: number | null;
  dropouts: number;
  failing: string; // a reason's word; empty: nothing
}

/** Null: the side has told nothing yet. */
export function live_of(all: Happening[]): Live | null {
  const told = all.filter(({ kind }) => kind === "proven" || kind === "record_on" || kind === "record_off").at(-1);
  if (told?.kind !== "proven") {
    return null;
  }
  const { detail } = told;
  const value = (name: string) => value_entry(detail[name] ?? "");
  return { level_db: [value("level_difference_left_db"), value("level_difference_right_db")], delay_ms: value("delay_ms"), dropouts: value("dropouts") ?? 0, failing: detail.failing ?? "" };
}
