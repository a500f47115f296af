// SPDX-License-Identifier: Apache-2.0
// What comes off tape, in figures that are read from behind the machine: tone, right against left, distortion, speed
// and flutter, noise. Folded away until somebody looks, and asked for only then.
import { useEffect } from "preact/hooks";
import { type Analysis, type Figure, value_text } from "../state/analysis";
import { analysis, analysis_stale, ask_analysis } from "../state/analysis_desk";
import { panel } from "../state/panel";
import { StaleMark } from "./stale";
import "../style/analysis.css";

const ASK_EVERY_MS = 500;
const MOST_LINES = 4;

interface Reading {
  id: string;
  name: string;
  figure: Figure | undefined;
  decimals: number;
  signed?: boolean;
  large?: boolean;
}

/** A figure and how it is made; left and right side by side. */
function Read({ id, name, figure, decimals, signed = false, large = false }: Reading) {
  const values = figure?.values ?? [null];
  return (
    <div class={`reading ${large ? "large" : ""} ${values.length > 1 ? "pair" : ""}`} title={figure?.how ?? ""}>
      <dt>{name}</dt>
      <dd id={id}>
        {values.map((value, side) => (
          <b key={side}>{value_text(value, decimals, signed)}</b>
        ))}
        <span class="unit">{figure?.unit === "us" ? "\u00b5s" : figure?.unit === "deg" ? "\u00b0" : (figure?.unit ?? "")}</span>
      </dd>
    </div>
  );
}

/** How the first of these figures that has a value is made. */
function how(...figures: (Figure | undefined)[]): string {
  return figures.find((each) => each !== undefined && each.values.some((value) => value !== null))?.how ?? "";
}

function Group({ name, note, children, more }: { name: string; note: string; children: preact.ComponentChildren; more?: preact.ComponentChildren }) {
  return (
    <div class="analysis-group">
      <h2>{name}</h2>
      <dl>{children}</dl>
      {more}
      <p class="analysis-note">{note}</p>
    </div>
  );
}

function ToneGroup({ tone }: { tone: Analysis["tone"] }) {
  return (
    <Group name="TONE" note={how(tone?.level)}>
      <Read id="tone-frequency" name="Frequency" figure={tone?.frequency} decimals={2} large />
      <Read id="tone-level" name="Level" figure={tone?.level} decimals={2} large />
      <Read id="tone-re" name="Re operating level" figure={tone?.level_re_operating} decimals={2} signed />
    </Group>
  );
}

function StereoGroup({ stereo }: { stereo: Analysis["stereo"] }) {
  const mean = stereo?.azimuth.values[0] ?? null;
  const now = stereo?.azimuth_now.values[0] ?? null;
  return (
    <Group name="RIGHT AGAINST LEFT" note={[stereo?.caution ?? "", mean === null ? "" : "positive: right is later"].filter((word) => word !== "").join("; ")}>
      <Read id="azimuth-now" name={now === null ? "Azimuth" : "Azimuth now"} figure={now === null ? stereo?.azimuth : stereo?.azimuth_now} decimals={2} signed large />
      <Read id="level-difference" name="Level" figure={stereo?.level_difference} decimals={2} signed large />
      {now !== null && <Read id="azimuth-mean" name={`Azimuth, ${stereo?.azimuth.how.split("; ").at(-1) ?? ""}`} figure={stereo?.azimuth} decimals={2} signed />}
      <Read id="phase" name="Phase at the tone" figure={stereo?.phase} decimals={1} signed />
      <Read id="analysis-correlation" name="Correlation" figure={stereo?.correlation} decimals={3} />
    </Group>
  );
}

function DistortionGroup({ tone }: { tone: Analysis["tone"] }) {
  return (
    <Group name="DISTORTION" note={how(tone?.third_harmonic)}>
      <Read id="third-harmonic" name="Third harmonic" figure={tone?.third_harmonic} decimals={3} large />
      <Read id="thd" name="THD" figure={tone?.thd} decimals={3} />
      <Read id="thd-n" name="THD+N" figure={tone?.thd_n} decimals={3} />
    </Group>
  );
}

function SpeedGroup({ flutter }: { flutter: Analysis["flutter"] }) {
  const lines = (
    <dl class="flutter-lines" id="flutter-lines">
      {(flutter?.lines ?? []).slice(0, MOST_LINES).map((line) => (
        <div key={line.frequency_hz}>
          <dt>{line.frequency_hz.toFixed(2)} Hz</dt>
          <dd>
            {line.peak_percent.toFixed(4)} % <span class={line.part === "" ? "unnamed" : "part"}>{line.part === "" ? "unnamed" : line.part}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
  return (
    <Group name="SPEED, WOW &amp; FLUTTER" note={how(flutter?.weighted, flutter?.speed_error)} more={lines}>
      <Read id="wow-flutter" name="Weighted, 2 sigma" figure={flutter?.weighted} decimals={3} large />
      <Read id="speed-error" name="Speed error" figure={flutter?.speed_error} decimals={3} signed large />
      <Read id="quasi-peak" name="Quasi-peak" figure={flutter?.weighted_quasi_peak} decimals={3} />
      <Read id="drift" name="Drift" figure={flutter?.drift} decimals={3} signed />
    </Group>
  );
}

function NoiseGroup({ noise, hum }: { noise: Analysis["noise"]; hum: string[] }) {
  return (
    <Group name="LEVEL BY WEIGHTING" note={hum.length > 0 ? `hum: ${hum.join(", ")}` : how(noise?.itu468)}>
      <Read id="noise-a" name="A" figure={noise?.a_weighted} decimals={1} large />
      <Read id="noise-468" name="468" figure={noise?.itu468} decimals={1} large />
      <Read id="noise-rms" name="rms" figure={noise?.rms} decimals={1} />
    </Group>
  );
}

const SIGNAL_WORDS: Record<string, string> = { nothing: "DIGITAL SILENCE", noise: "NOISE", tone: "TONE", programme: "PROGRAMME" };

export default function AnalysisView() {
  const live = panel.live.value;
  useEffect(() => {
    void ask_analysis();
    const timer = setInterval(() => !document.hidden && void ask_analysis(), ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [live]);
  const stale = analysis_stale.value;
  const told = analysis.value;
  const shown = stale ? null : told;
  return (
    <section class={`analysis ${stale ? "stale" : ""}`} aria-label="What comes off tape">
      <p class="analysis-signal" id="analysis-signal">
        <span>OFF TAPE</span>
        <b class={`signal-${shown?.signal ?? "none"}`}>{shown === null ? "\u2014" : (SIGNAL_WORDS[shown.signal] ?? shown.signal)}</b>
        {told?.trouble !== null && told?.trouble !== undefined && <span class="analysis-trouble">{told.trouble}</span>}
      </p>
      <div class="analysis-groups">
        <ToneGroup tone={shown?.tone ?? null} />
        <DistortionGroup tone={shown?.tone ?? null} />
        <StereoGroup stereo={shown?.stereo ?? null} />
        <NoiseGroup noise={shown?.noise ?? null} hum={shown?.hum ?? []} />
        <SpeedGroup flutter={shown?.flutter ?? null} />
        <StaleMark show={stale} />
      </div>
    </section>
  );
}
