// SPDX-License-Identifier: Apache-2.0
// What was read off tape of one track: its verdict, the figures that matter with their limits, a second by second chart,
// and every drop-out.
import { useState } from "preact/hooks";
import { figure } from "../align/words";
import { TableBox } from "../ui/table_box";
import { duration_text } from "../state/format";
import { reason_in_words } from "../state/reasons";
import { Plot } from "../ui/plot";
import { furthest, withheld_words, type ReportTrack } from "./report";
import { Choice } from "./fields";
import { time_text } from "./time_text";

interface Row {
  name: string;
  field: string; // by which the report says why it is missing
  value: string | null;
  limit: string;
  outside: boolean;
}

const pair = (values: (number | null)[], decimals: number): string | null =>
  values.every((each) => each === null) ? null : values.map((each) => figure(each, decimals, true)).join(" / ");
const beyond = (value: number | null, limit: number | undefined): boolean => value !== null && limit !== undefined && Math.abs(value) > limit;
const within = (limit: number | undefined, unit: string): string => (limit === undefined ? "" : `\u00b1${limit} ${unit}`);

export function rows_of(track: ReportTrack, limits: Record<string, number>): Row[] {
  const one = (name: string, field: string, value: number | null, decimals: number, unit: string, limit: number | undefined, signed = true): Row => ({
    name: `${name}, ${unit}`,
    field,
    value: value === null ? null : figure(value, decimals, signed),
    limit: signed ? within(limit, unit) : limit === undefined ? "" : `at most ${limit} ${unit}`,
    outside: beyond(value, limit),
  });
  return [
    { name: "Level, dB", field: "level_difference_db", value: pair(track.level_difference_db, 2), limit: within(limits.level_difference_db, "dB"), outside: beyond(furthest(track.level_difference_db), limits.level_difference_db) },
    { name: "Level since the slate, dB", field: "level_re_slate_db", value: pair(track.level_re_slate_db, 2), limit: within(limits.level_re_slate_db, "dB"), outside: beyond(furthest(track.level_re_slate_db), limits.level_re_slate_db) },
    one("Third octaves, furthest off", "third_octave_difference_db", track.response_db, 2, "dB", limits.third_octave_difference_db),
    one("Phase between tracks", "phase_deg", track.phase_deg, 1, "\u00b0", limits.phase_deg_at_1khz),
    one(track.azimuth_averaging_s === null ? "Azimuth" : `Azimuth, means of ${track.azimuth_averaging_s} s`, "azimuth", track.azimuth_us, 1, "\u00b5s", limits.azimuth_us),
    one("Change of speed", "speed_change_ppm", track.speed_change_ppm, 0, "ppm", limits.speed_change_ppm),
    one("Wow, 0.2 to 5 Hz", "wow", track.wow_percent, 3, "%", limits.wow_percent, false),
    one("Head delay", "delay_ms", track.delay_ms, 3, "ms", undefined, false),
    { name: "Residual, dB", field: "residual", value: pair(track.residual_db, 1), limit: "", outside: false },
  ];
}

type Chart = "level" | "delay" | "azimuth";
const CHARTS = [
  ["level", "LEVEL"],
  ["delay", "DELAY"],
  ["azimuth", "AZIMUTH"],
] as const;

/** Stretches that were judged, as lines of their own: nothing is drawn where nothing is known. */
export function stretches(values: (number | null)[], name: string): { name: string; points: [number, number][] }[] {
  const found: [number, number][][] = [];
  let open: [number, number][] | null = null;
  values.forEach((value, second) => {
    if (value === null) {
      open = null;
    } else if (open === null) {
      open = [[second + 0.5, value]];
      found.push(open);
    } else {
      open.push([second + 0.5, value]);
    }
  });
  return found.map((points, index) => ({ name: index === 0 ? name : `${name} ${index + 1}`, points }));
}

function SecondsChart({ track, limits }: { track: ReportTrack; limits: Record<string, number> }) {
  const [chart, set_chart] = useState<Chart>("level");
  const { seconds } = track;
  if (seconds === null) {
    return null;
  }
  const [left, right] = [seconds.level_db[0] ?? [], seconds.level_db[1] ?? []];
  const values = chart === "delay" ? [seconds.delay_ms] : chart === "azimuth" ? [seconds.azimuth_us] : [left, right];
  const length = Math.max(...values.map((each) => each.length), 1);
  const unit = chart === "delay" ? "ms" : chart === "azimuth" ? "\u00b5s" : "dB";
  const limit = chart === "level" ? limits.level_difference_db : chart === "azimuth" ? limits.azimuth_us : undefined;
  const judged = values.flat().filter((each) => each !== null).length;
  const lines = values.flatMap((each, index) => stretches(each, index === 0 ? "left" : "right").map((line) => ({ ...line, of: index })));
  return (
    <div class="seconds">
      <Choice label="What is drawn, second by second" of={CHARTS} value={chart} set={set_chart} />
      {judged === 0 ? (
        <p class="align-hint">Not enough signal in any second of this track.</p>
      ) : (
        <Plot
          name={`${chart} of ${track.name}, second by second${chart === "level" ? ", left and right" : ""}`}
          lines={lines}
          limits={limit === undefined ? [] : [limit, -limit]}
          unit={unit}
          x_text={duration_text}
          x_ends={[0, length]}
          zero={chart !== "delay"}
          marks_at={track.dropouts.map(({ programme_time_s, over_limit }) => ({ x: programme_time_s, over: over_limit }))}
        />
      )}
      <p class="plot-key">
        {chart === "level" && <span class="plot-key-0">left</span>}
        {chart === "level" && <span class="plot-key-1">right</span>}
        {limit !== undefined && <span>dashed: limit</span>}
        {track.dropouts.length > 0 && <span>ticks below: drop-outs</span>}
        <span>no line: not enough signal</span>
      </p>
    </div>
  );
}

function Dropouts({ track }: { track: ReportTrack }) {
  const share = track.judged.dropouts;
  const told = share === null || share === undefined ? "" : ` Judged in ${Math.round(100 * share)} % of the track.`;
  if (track.dropouts.length === 0) {
    return <p class="align-hint">No drop-out.{told}</p>;
  }
  return (
    <>
      <p class="align-hint">
        {track.dropouts.length === 1 ? "1 drop-out" : `${track.dropouts.length} drop-outs`}, {track.dropouts.filter((each) => each.over_limit).length} over the limit.{told}
      </p>
      <TableBox name={`Drop-outs of ${track.name}`}>
        <table class="values dropouts">
          <thead>
            <tr>
              <th scope="col">at</th>
              <th scope="col">track</th>
              <th scope="col" class="number">
                depth
              </th>
              <th scope="col" class="number">
                length
              </th>
              <th scope="col">kind</th>
              <th scope="col">limit</th>
            </tr>
          </thead>
          <tbody>
            {track.dropouts.map((each) => (
              <tr key={`${each.programme_time_s} ${each.channel}`}>
                <td>{time_text(each.programme_time_s)}</td>
                <td>{each.channel}</td>
                <td class="number">{each.depth_db.toFixed(1)} dB</td>
                <td class="number">{each.length_ms.toFixed(1)} ms</td>
                <td>{each.kind}</td>
                <td>{each.over_limit ? <span class="within no">{"\u2716"} over</span> : <span class="within yes">{"\u2714"} under</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
    </>
  );
}

export function TrackVerdict({ track, number, limits, open, toggle }: { track: ReportTrack; number: number; limits: Record<string, number>; open: boolean; toggle: () => void }) {
  return (
    <section class={`track-verdict track-verdict-${track.verdict}`} aria-label={`Track ${number}, ${track.name}`}>
      <button type="button" class="track-verdict-head" aria-expanded={open} onClick={toggle}>
        <span class={`verdict-mark verdict-mark-${track.verdict}`}>{track.verdict === "pass" ? "\u2714 PASS" : track.verdict === "fail" ? "\u2716 FAIL" : track.verdict.replaceAll("_", " ").toUpperCase()}</span>
        <b>
          {track.side === "" ? "" : `${track.side} `}
          {number}. {track.name}
        </b>
        <span class="track-verdict-short">{[track.duration_s === null ? "" : duration_text(track.duration_s), reason_in_words(track.findings[0]?.reason ?? null) ?? ""].filter((words) => words !== "").join(" \u00b7 ")}</span>
      </button>
      {open && (
        <div class="track-verdict-more">
          {track.findings.map((each) => (
            <p key={each.text} class="finding finding-fail">
              <b>{reason_in_words(each.reason)}</b> {each.text}
            </p>
          ))}
          {[...track.missing, ...track.not_proven].map((each) => (
            <p key={`${each.from_s} ${each.reason}`} class="finding finding-warn">
              {time_text(each.from_s)} to {time_text(each.to_s)}: {each.reason.replaceAll("_", " ")}
            </p>
          ))}
          <div class="track-figures">
            <TableBox name={`Figures of ${track.name}`}>
              <table class="values">
                <thead>
                  <tr>
                    <th scope="col">figure</th>
                    <th scope="col" class="number">
                      off tape
                    </th>
                    <th scope="col">limit</th>
                  </tr>
                </thead>
                <tbody>
                  {rows_of(track, limits).map((row) => (
                    <tr key={row.name}>
                      <th scope="row">{row.name}</th>
                      <td class="number">
                        {row.value ?? <span class="withheld">{withheld_words(track.withheld[row.field] ?? "not_enough_signal")}</span>}
                      </td>
                      <td>
                        {row.value !== null && row.limit !== "" ? <span class={`within ${row.outside ? "no" : "yes"}`}>{row.outside ? "\u2716" : "\u2714"} </span> : null}
                        {row.limit}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableBox>
            <SecondsChart track={track} limits={limits} />
          </div>
          <Dropouts track={track} />
        </div>
      )}
    </section>
  );
}
