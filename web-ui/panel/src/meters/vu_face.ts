// SPDX-License-Identifier: Apache-2.0
// Draws one volume indicator on a canvas: the lit face once for each size, then only the needle and the lamp. It paints
// when a frame has come and never by itself.
import { MARKS, needle_angle } from "./vu_scale";

const HALF_SPAN = (43 * Math.PI) / 180;
const INK = "#1d160c";
const RED = "#b3271b";

interface Geometry {
  width: number;
  height: number;
  ratio: number;
  x: number; // pivot
  y: number;
  radius: number; // of the scale's arc
}

export class VuFace {
  private readonly context: CanvasRenderingContext2D | null;
  private face: HTMLCanvasElement | null = null;
  private geometry: Geometry | null = null;
  private reading_vu = -60;
  private peak = false;
  private scheduled = false;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly label: string,
  ) {
    this.context = canvas.getContext("2d");
  }

  /** Fits the canvas to its box; draws the face anew. */
  resize(): void {
    const width = this.canvas.clientWidth;
    const height = this.canvas.clientHeight;
    const ratio = window.devicePixelRatio || 1;
    if (width === 0 || height === 0) {
      return;
    }
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    const radius = Math.min(height * 0.8, (width * 0.5 * 0.78) / Math.sin(HALF_SPAN));
    const above = Math.max(0.27 * height, Math.min(0.36 * height, height * 0.98 - radius)); // tall faces: the scale sinks
    this.geometry = { width, height, ratio, x: width / 2, y: above + radius, radius };
    this.face = this.draw_face(this.geometry);
    this.schedule();
  }

  show(reading_vu: number, peak: boolean): void {
    this.reading_vu = reading_vu;
    this.peak = peak;
    this.schedule();
  }

  private schedule(): void {
    if (!this.scheduled) {
      this.scheduled = true;
      requestAnimationFrame(() => {
        this.scheduled = false;
        this.paint();
      });
    }
  }

  private draw_face(g: Geometry): HTMLCanvasElement {
    const face = document.createElement("canvas");
    face.width = Math.round(g.width * g.ratio);
    face.height = Math.round(g.height * g.ratio);
    const c = face.getContext("2d");
    if (c === null) {
      return face;
    }
    c.scale(g.ratio, g.ratio);
    // two lamps behind a cream card, from below
    const light = c.createRadialGradient(g.x, g.height * 0.72, g.height * 0.1, g.x, g.height * 0.6, g.width * 0.68);
    light.addColorStop(0, "#fff3cf");
    light.addColorStop(0.45, "#f6dc9d");
    light.addColorStop(0.8, "#dcb264");
    light.addColorStop(1, "#a97c38");
    c.fillStyle = light;
    c.fillRect(0, 0, g.width, g.height);

    const at = (angle: number, radius: number): [number, number] => [
      g.x + Math.sin(angle) * radius,
      g.y - Math.cos(angle) * radius,
    ];
    const arc = (from_vu: number, to_vu: number, radius: number, width: number, colour: string) => {
      c.beginPath();
      c.arc(g.x, g.y, radius, needle_angle(from_vu, HALF_SPAN) - Math.PI / 2, needle_angle(to_vu, HALF_SPAN) - Math.PI / 2);
      c.lineWidth = width;
      c.strokeStyle = colour;
      c.stroke();
    };
    const unit = Math.min(g.height / 100, g.width / 170);
    arc(-60, 0, g.radius, 1.6 * unit, INK);
    arc(0, 3, g.radius + 1.9 * unit, 5.4 * unit, RED);

    c.textAlign = "center";
    c.textBaseline = "middle";
    for (const mark of MARKS) {
      const angle = needle_angle(mark.vu, HALF_SPAN);
      c.strokeStyle = mark.vu > 0 ? RED : INK;
      c.fillStyle = c.strokeStyle;
      c.lineWidth = (mark.vu === 0 ? 2 : 1.3) * unit;
      c.beginPath();
      c.moveTo(...at(angle, g.radius - 0.5 * unit));
      c.lineTo(...at(angle, g.radius + 6.5 * unit));
      c.stroke();
      c.font = `700 ${(mark.vu === 0 ? 9.4 : 8.2) * unit}px "Helvetica Neue", Arial, "Liberation Sans", "DejaVu Sans", sans-serif`;
      c.fillText(mark.label, ...at(angle, g.radius + 12.5 * unit));
    }
    for (const percent of [0, 20, 40, 60, 80, 100]) {
      const angle = HALF_SPAN * (2 * (percent / 100) * Math.pow(10, -3 / 20) - 1);
      c.strokeStyle = INK;
      c.fillStyle = INK;
      c.lineWidth = 0.8 * unit;
      c.beginPath();
      c.moveTo(...at(angle, g.radius - 0.5 * unit));
      c.lineTo(...at(angle, g.radius - 3.5 * unit));
      c.stroke();
      c.font = `500 ${4.6 * unit}px "Helvetica Neue", Arial, "Liberation Sans", "DejaVu Sans", sans-serif`;
      if (percent > 0) {
        c.fillText(String(percent), ...at(angle, g.radius - 7.5 * unit)); // the minus stands where 0 would
      }
    }
    c.fillStyle = INK;
    c.font = `700 ${17 * unit}px Georgia, "Times New Roman", "Liberation Serif", "DejaVu Serif", serif`;
    c.fillText("VU", g.x, g.y - g.radius * 0.5);
    c.font = `600 ${6.4 * unit}px "Helvetica Neue", Arial, "Liberation Sans", "DejaVu Sans", sans-serif`;
    c.textAlign = "left";
    c.fillText(this.label.toUpperCase(), 7 * unit, g.height - 8 * unit);
    c.textAlign = "center";
    c.font = `900 ${11 * unit}px Arial, "Liberation Sans", "DejaVu Sans", sans-serif`;
    c.fillText("\u2212", at(needle_angle(-20, HALF_SPAN), g.radius)[0] - 7 * unit, at(needle_angle(-20, HALF_SPAN), g.radius)[1] + 12 * unit);
    c.fillStyle = RED;
    c.fillText("+", at(needle_angle(3, HALF_SPAN), g.radius)[0] + 5 * unit, at(needle_angle(3, HALF_SPAN), g.radius)[1] + 12 * unit);
    c.fillStyle = INK;
    c.textAlign = "right";
    c.font = `600 ${5.2 * unit}px "Helvetica Neue", Arial, "Liberation Sans", "DejaVu Sans", sans-serif`;
    c.fillText("PEAK", g.width - 15 * unit, g.height - 8 * unit);
    return face;
  }

  private paint(): void {
    const { context: c, face, geometry: g } = this;
    if (c === null || face === null || g === null) {
      return;
    }
    const unit = Math.min(g.height / 100, g.width / 170);
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.drawImage(face, 0, 0);
    c.scale(g.ratio, g.ratio);

    // lamp
    const [lamp_x, lamp_y, lamp_r] = [g.width - 9 * unit, g.height - 8.2 * unit, 3.4 * unit];
    if (this.peak) {
      const glow = c.createRadialGradient(lamp_x, lamp_y, lamp_r * 0.3, lamp_x, lamp_y, lamp_r * 3);
      glow.addColorStop(0, "rgba(255, 70, 40, 0.9)");
      glow.addColorStop(1, "rgba(255, 70, 40, 0)");
      c.fillStyle = glow;
      c.fillRect(lamp_x - 3 * lamp_r, lamp_y - 3 * lamp_r, 6 * lamp_r, 6 * lamp_r);
    }
    c.beginPath();
    c.arc(lamp_x, lamp_y, lamp_r, 0, 2 * Math.PI);
    c.fillStyle = this.peak ? "#ff4a30" : "#5d1710";
    c.fill();
    c.lineWidth = 0.7 * unit;
    c.strokeStyle = "rgba(30, 18, 6, 0.7)";
    c.stroke();

    // needle with its shadow on the card
    const angle = needle_angle(this.reading_vu, HALF_SPAN);
    const line = (dx: number, dy: number, colour: string, width: number) => {
      c.beginPath();
      c.moveTo(g.x + dx, g.y + dy);
      c.lineTo(g.x + dx + Math.sin(angle) * (g.radius + 3 * unit), g.y + dy - Math.cos(angle) * (g.radius + 3 * unit));
      c.strokeStyle = colour;
      c.lineWidth = width;
      c.lineCap = "round";
      c.stroke();
    };
    line(2.2 * unit, 1.6 * unit, "rgba(70, 40, 0, 0.28)", 1.8 * unit);
    line(0, 0, "#15110c", 1.3 * unit);

    // hood over the movement, and glass over all
    c.beginPath();
    c.arc(g.x, g.height + 19 * unit, 32 * unit, Math.PI, 2 * Math.PI);
    c.fillStyle = "#191510";
    c.fill();
    const glass = c.createLinearGradient(0, 0, g.width * 0.3, g.height);
    glass.addColorStop(0, "rgba(255, 255, 255, 0.20)");
    glass.addColorStop(0.34, "rgba(255, 255, 255, 0.05)");
    glass.addColorStop(0.36, "rgba(255, 255, 255, 0)");
    c.fillStyle = glass;
    c.fillRect(0, 0, g.width, g.height);
  }
}
