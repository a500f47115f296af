// SPDX-License-Identifier: Apache-2.0
// The meter bridge: two needles on the scale of the operator's choice, with held true peaks below. Frames go straight to
// the canvas; figures change twice a second, spoken values once.
import { useEffect, useRef, useState } from "preact/hooks";
import type { MeterFrame } from "../link/meter_frame";
import { MeterFace } from "../meters/meter_face";
import { HighestSince, PeakHold, PeakLamp } from "../meters/peaks";
import { SCALES, scale_of } from "../meters/scales";
import { dbfs_text } from "../state/format";
import { panel, type MeterSource } from "../state/panel";
import { AnalysisKey } from "./analysis_key";
import { useSlowly } from "./counter";
import { CorrelationBar, LoudnessFigures } from "./loudness";
import { ListenKey } from "./listen_key";
import { PicturesKey } from "./pictures_key";
import { StaleMark } from "./stale";

const FIGURES_EVERY_MS = 500;
const CHANNELS = ["Left", "Right"] as const;

interface Figures {
  highest: number;
  true_peak_dbtp: number;
  clips: number;
}

function Meter({ channel }: { channel: 0 | 1 }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const holds = useRef<Record<MeterSource, PeakHold>>({ tape: new PeakHold(), programme: new PeakHold() });
  const [figures, set_figures] = useState<Figures | null>(null);
  const newest = useRef(-200);
  const stale = panel.meters_stale.value;
  const scale = scale_of(panel.ballistics.value);
  const name = CHANNELS[channel];
  const held = (highest: number): Figures => {
    const hold = holds.current[panel.meter_source.peek()];
    return { highest, true_peak_dbtp: hold.true_peak_dbtp, clips: hold.clips };
  };
  useEffect(() => {
    if (canvas.current === null) {
      return;
    }
    const face = new MeterFace(canvas.current, name, scale_of(panel.ballistics.peek()));
    face.resize();
    const observer = new ResizeObserver(() => face.resize());
    observer.observe(canvas.current);
    const highest = new HighestSince();
    const lamps: Record<MeterSource, PeakLamp> = { tape: new PeakLamp(), programme: new PeakLamp() };
    const stop_frames = panel.on_frame((frame: MeterFrame) => {
      const source = panel.meter_source.peek();
      const lit = { tape: false, programme: false };
      for (const each of ["tape", "programme"] as const) {
        holds.current[each].frame(frame[each].channels[channel]);
        lit[each] = lamps[each].frame(frame[each].channels[channel].sample_peak_dbfs, frame.capture_time_ns);
      }
      newest.current = scale_of(panel.ballistics.peek()).read(frame[source].channels[channel]);
      highest.frame(newest.current);
      face.show(newest.current, lit[source]);
    });
    const forget = () => {
      highest.take();
      set_figures(null); // figures of the other source or scale end here
    };
    const stop_switch = panel.meter_source.subscribe(forget);
    const stop_scale = panel.ballistics.subscribe((key) => {
      forget();
      face.wear(scale_of(key));
    });
    const timer = setInterval(() => {
      const next = highest.take();
      if (next !== null) {
        set_figures(held(next));
      }
    }, FIGURES_EVERY_MS);
    return () => {
      observer.disconnect();
      stop_frames();
      stop_switch();
      stop_scale();
      clearInterval(timer);
    };
  }, []);
  const spoken = useSlowly(() => {
    const worn = scale_of(panel.ballistics.peek());
    return panel.meters_stale.peek() ? "stale" : `${worn.text(newest.current)} ${worn.unit}`;
  });
  const [least, most] = [scale.marks[0]?.at ?? 0, scale.marks.at(-1)?.at ?? 0];
  const shown = stale ? null : figures;
  return (
    <div class={`meter ${stale ? "stale" : ""}`}>
      <div
        class="meter-face"
        role="meter"
        aria-label={`${name} level`}
        aria-valuemin={least}
        aria-valuemax={most}
        aria-valuenow={Math.min(most, Math.max(least, Number.parseFloat(spoken.replace("\u2212", "-")) || least))}
        aria-valuetext={spoken}
      >
        <canvas ref={canvas} />
        <StaleMark show={stale} />
      </div>
      <div class="figures">
        <dl>
          <dt>{scale.unit} max</dt>
          <dd>{shown === null ? "\u2014" : scale.text(shown.highest)}</dd>
        </dl>
        <button
          type="button"
          class={`peak-hold ${shown !== null && shown.clips > 0 ? "clipped" : ""}`}
          id={`peak-${name.toLowerCase()}`}
          title="Highest true peak and clips since it was cleared; press to clear"
          onClick={(event) => {
            holds.current[panel.meter_source.peek()].clear();
            set_figures((before) => (before === null ? null : held(before.highest)));
            if (event.detail > 0) {
              event.currentTarget.blur();
            }
          }}
        >
          <span class="visually-hidden">{name} </span>
          <span class="peak-unit">dBTP</span>
          <b>{shown === null ? "\u2014" : dbfs_text(shown.true_peak_dbtp)}</b>
          <span class="clip-light">{shown !== null && shown.clips > 0 ? `CLIP ${shown.clips}` : "CLIP"}</span>
        </button>
      </div>
    </div>
  );
}

export function Meters() {
  const source = panel.meter_source.value;
  const choice = (value: MeterSource, label: string) => (
    <button
      type="button"
      class={`choice ${source === value ? "chosen" : ""}`}
      aria-pressed={source === value}
      onClick={(event) => {
        panel.meter_source.value = value;
        if (event.detail > 0) {
          event.currentTarget.blur();
        }
      }}
    >
      {label}
    </button>
  );
  return (
    <section class="meters" aria-label="Meters">
      <div class="bridge">
        <Meter channel={0} />
        <Meter channel={1} />
      </div>
      <LoudnessFigures />
      <CorrelationBar />
      <div class="meter-choices">
        <div class="meter-source" role="group" aria-label="What the meters show">
          {choice("tape", "TAPE")}
          {choice("programme", "PROGRAMME")}
        </div>
        <select
          id="ballistics"
          aria-label="Ballistics and scale"
          value={scale_of(panel.ballistics.value).key}
          onChange={(event) => {
            panel.ballistics.value = event.currentTarget.value;
            event.currentTarget.blur(); // Space and Enter are the machine's again
          }}
        >
          {SCALES.map((each) => (
            <option key={each.key} value={each.key}>
              {each.name}
            </option>
          ))}
        </select>
        <div class="meter-keys">
          <PicturesKey />
          <AnalysisKey />
          <ListenKey />
        </div>
      </div>
    </section>
  );
}
