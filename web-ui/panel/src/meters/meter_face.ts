// SPDX-License-Identifier: Apache-2.0
// Draws one meter on a canvas: the face once for each size and scale, then only the needle and the lamp. It paints
// when a frame has come and never by itself.
import type { Scale } from "./scales";

const HALF_SPAN = (43 * Math.PI) / 180;
const angle_of = (deflection: number) => HALF_SPAN * (2 * deflection - 1);

interface Geometry {
  width: number;
  height: number;
  ratio: number;
  x: number; // pivot
  y: number;
  radius: number; // of the scale's arc
}

export class MeterFace {
  private readonly context: CanvasRenderingContext2D | null;
  private face: HTMLCanvasElement | null = null;
  private geometry: Geometry | null = null;
  private reading: number | null = null;
  private peak = false;
  private scheduled = false;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly label: string,
    private scale: Scale,
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

  wear(scale: Scale): void {
    this.scale = scale;
    this.reading = null; // the needle rests until the next frame
    this.resize();
  }

  show(reading: number, peak: boolean): void {
    this.reading = reading;
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
    const { scale } = this;
    const ink = scale.dark ? "#f1ece0" : "#1d160c";
    const red = scale.dark ? "#ff6a55" : "#b3271b";
    // two lamps behind a cream card, from below; a black card has its light on its marks
    const light = c.createRadialGradient(g.x, g.height * 0.72, g.height * 0.1, g.x, g.height * 0.6, g.width * 0.68);
    const shades = scale.dark ? ["#33322e", "#242320", "#191816", "#100f0e"] : ["#fff3cf", "#f6dc9d", "#dcb264", "#a97c38"];
    [0, 0.45, 0.8, 1].forEach((stop, index) => light.addColorStop(stop, shades[index] as string));
    c.fillStyle = light;
    c.fillRect(0, 0, g.width, g.height);

    const at = (angle: number, radius: number): [number, number] => [
      g.x + Math.sin(angle) * radius,
      g.y - Math.cos(angle) * radius,
    ];
    const mark_angle = (value: number) => angle_of(scale.deflection(value));
    const [first, last] = [scale.dark ? (scale.marks[0]?.at ?? 0) : -60, scale.marks.at(-1)?.at ?? 0];
    const arc = (from: number, to: number, radius: number, width: number, colour: string) => {
      c.beginPath();
      c.arc(g.x, g.y, radius, mark_angle(from) - Math.PI / 2, mark_angle(to) - Math.PI / 2);
      c.lineWidth = width;
      c.strokeStyle = colour;
      c.stroke();
    };
    const unit = Math.min(g.height / 100, g.width / 170);
    arc(first, scale.red_from, g.radius, 1.6 * unit, ink);
    arc(scale.red_from, last, g.radius + 1.9 * unit, 5.4 * unit, red);

    c.textAlign = "center";
    c.textBaseline = "middle";
    for (const mark of scale.marks) {
      const angle = mark_angle(mark.at);
      const strong = mark.at === scale.reference;
      c.strokeStyle = mark.at > scale.red_from ? red : ink;
      c.fillStyle = c.strokeStyle;
      c.lineWidth = (strong ? 2 : 1.3) * unit;
      c.beginPath();
      c.moveTo(...at(angle, g.radius - 0.5 * unit));
      c.lineTo(...at(angle, g.radius + 6.5 * unit));
      c.stroke();
      c.font = `700 ${(strong && mark.label.length < 3 ? 9.4 : mark.label.length < 3 ? 8.2 : 6.4) * unit}px "Helvetica Neue", Arial, "Liberation Sans", "DejaVu Sans", sans-serif`;
      c.fillText(mark.label, ...at(angle, g.radius + 12.5 * unit));
    }
    for (const percent of scale.dark ? [] : [0, 20, 40, 60, 80, 100]) {
      const angle = HALF_SPAN * (2 * (percent / 100) * Math.pow(10, -3 / 20) - 1);
      c.strokeStyle = ink;
      c.fillStyle = ink;
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
    c.fillStyle = ink;
    c.font = `700 ${17 * unit}px Georgia, "Times New Roman", "Liberation Serif", "DejaVu Serif", serif`;
    c.fillText(scale.card, g.x, g.y - g.radius * 0.5);
    c.font = `500 ${4.6 * unit}px "Helvetica Neue", Arial, "Liberation Sans", "DejaVu Sans", sans-serif`;
    c.fillText(scale.note, g.x, g.y - g.radius * 0.5 + 12 * unit);
    c.font = `600 ${6.4 * unit}px "Helvetica Neue", Arial, "Liberation Sans", "DejaVu Sans", sans-serif`;
    c.textAlign = "left";
    c.fillText(this.label.toUpperCase(), 7 * unit, g.height - 8 * unit);
    c.textAlign = "center";
    c.font = `900 ${11 * unit}px Arial, "Liberation Sans", "DejaVu Sans", sans-serif`;
    if (first < 0) {
      const [low, high] = [at(mark_angle(scale.marks[0]?.at ?? 0), g.radius), at(mark_angle(last), g.radius)];
      c.fillText("\u2212", low[0] - 7 * unit, low[1] + 12 * unit);
      c.fillStyle = red;
      c.fillText("+", high[0] + 5 * unit, high[1] + 12 * unit);
    }
    c.fillStyle = ink;
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
    const angle = angle_of(this.scale.deflection(this.reading ?? -200));
    const line = (dx: number, dy: number, colour: string, width: number) => {
      c.beginPath();
      c.moveTo(g.x + dx, g.y + dy);
      c.lineTo(g.x + dx + Math.sin(angle) * (g.radius + 3 * unit), g.y + dy - Math.cos(angle) * (g.radius + 3 * unit));
      c.strokeStyle = colour;
      c.lineWidth = width;
      c.lineCap = "round";
      c.stroke();
    };
    line(2.2 * unit, 1.6 * unit, this.scale.dark ? "rgba(0, 0, 0, 0.4)" : "rgba(70, 40, 0, 0.28)", 1.8 * unit);
    line(0, 0, this.scale.dark ? "#fffaf0" : "#15110c", 1.3 * unit);

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
