// SPDX-License-Identifier: Apache-2.0
// Goniometer and spectrum, folded away until somebody looks: the daemon measures them only for a panel that shows them.
import { useEffect, useRef } from "preact/hooks";
import type { PictureFrame } from "../link/picture_frame";
import { draw_goniometer, draw_spectrum } from "../meters/pictures";
import { panel } from "../state/panel";
import { StaleMark } from "./stale";
import "../style/pictures.css";

export default function Pictures() {
  const goniometer = useRef<HTMLCanvasElement>(null);
  const spectrum = useRef<HTMLCanvasElement>(null);
  const stale = panel.meters_stale.value;
  useEffect(() => {
    let newest: PictureFrame | null = null;
    let scheduled = false;
    return panel.on_picture((picture) => {
      newest = picture;
      if (!scheduled) {
        scheduled = true;
        requestAnimationFrame(() => {
          scheduled = false;
          if (newest !== null && goniometer.current !== null && spectrum.current !== null) {
            draw_goniometer(goniometer.current, newest);
            draw_spectrum(spectrum.current, newest);
          }
        });
      }
    });
  }, []);
  return (
    <section class={`pictures ${stale ? "stale" : ""}`} aria-label="Goniometer and spectrum">
      <div class="picture">
        <canvas ref={goniometer} role="img" aria-label="Goniometer: mono stands upright" />
        <StaleMark show={stale} />
      </div>
      <div class="picture">
        <canvas ref={spectrum} role="img" aria-label="Spectrum in third octaves, dBFS; left amber, right turquoise" />
        <StaleMark show={stale} />
      </div>
    </section>
  );
}
