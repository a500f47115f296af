// SPDX-License-Identifier: Apache-2.0
// Loudness of the source that the meters show, and how alike its channels are. Figures change twice a second; the
// correlation's mark moves with every frame.
import { useEffect, useRef, useState } from "preact/hooks";
import { HighestSince } from "../meters/peaks";
import { dbfs_text, duration_text } from "../state/format";
import { panel } from "../state/panel";
import { useSlowly } from "./counter";

const FIGURES_EVERY_MS = 500;
const DASH = "\u2014";

interface Loudness {
  momentary: string;
  short_term: string;
  integrated: string;
  range: string;
  time: string;
}
const NOTHING: Loudness = { momentary: DASH, short_term: DASH, integrated: DASH, range: DASH, time: "" };

export function LoudnessFigures() {
  const [figures, set_figures] = useState(NOTHING);
  const stale = panel.meters_stale.value;
  useEffect(() => {
    const momentary = new HighestSince();
    const short_term = new HighestSince();
    let source = panel.meter_source.peek();
    let rest = NOTHING;
    const stop = panel.on_frame((frame) => {
      if (source !== panel.meter_source.peek()) {
        source = panel.meter_source.peek();
        momentary.take(); // figures of the other source end here
        short_term.take();
      }
      const now = frame[source];
      momentary.frame(now.momentary_lufs);
      short_term.frame(now.short_term_lufs);
      rest = {
        ...NOTHING,
        integrated: now.integrated_lufs === null ? DASH : dbfs_text(now.integrated_lufs),
        range: now.range_lu === null ? DASH : now.range_lu.toFixed(1),
        time: duration_text(now.measured_s),
      };
    });
    const timer = setInterval(() => {
      const [m, s] = [momentary.take(), short_term.take()];
      if (m !== null && s !== null) {
        set_figures({ ...rest, momentary: dbfs_text(m), short_term: dbfs_text(s) });
      }
    }, FIGURES_EVERY_MS);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, []);
  const shown = stale ? NOTHING : figures;
  const figure = (id: string, name: string, title: string, value: string, unit: string) => (
    <div>
      <dt title={title}>{name}</dt>
      <dd>
        <b id={id}>{value}</b> <span class="unit">{unit}</span>
      </dd>
    </div>
  );
  return (
    <div class="loudness">
      <dl>
        {figure("loudness-m", "M", "Momentary loudness, 400 ms", shown.momentary, "LUFS")}
        {figure("loudness-s", "S", "Short-term loudness, 3 s", shown.short_term, "LUFS")}
        {figure("loudness-i", "I", "Integrated loudness since the restart", shown.integrated, "LUFS")}
        {figure("loudness-lra", "LRA", "Loudness range since the restart", shown.range, "LU")}
      </dl>
      <button
        type="button"
        class="small-key"
        id="key-loudness"
        title="Integrated loudness and loudness range begin anew"
        aria-disabled={!panel.live.value}
        onClick={(event) => panel.meters_reset(event.timeStamp)}
      >
        RESTART <span class="unit">{shown.time}</span>
      </button>
    </div>
  );
}

export function CorrelationBar() {
  const mark = useRef<HTMLDivElement>(null);
  const newest = useRef(0);
  const stale = panel.meters_stale.value;
  useEffect(
    () =>
      panel.on_frame((frame) => {
        newest.current = frame[panel.meter_source.peek()].correlation;
        if (mark.current !== null) {
          mark.current.style.left = `${50 + 50 * Math.max(-1, Math.min(1, newest.current))}%`;
          mark.current.classList.toggle("against", newest.current < 0);
        }
      }),
    [],
  );
  const spoken = useSlowly(() => (panel.meters_stale.peek() ? "stale" : newest.current.toFixed(2).replace("-", "\u2212")));
  return (
    <div class={`correlation ${stale ? "stale" : ""}`}>
      <span aria-hidden="true">{"\u22121"}</span>
      <div
        class="correlation-bar"
        role="meter"
        aria-label="Correlation of left and right"
        aria-valuemin={-1}
        aria-valuemax={1}
        aria-valuenow={Number(spoken.replace("\u2212", "-")) || 0}
        aria-valuetext={spoken}
      >
        <div class="correlation-mark" ref={mark} />
      </div>
      <span aria-hidden="true">+1</span>
    </div>
  );
}
