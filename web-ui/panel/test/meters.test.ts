// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { Channel } from "../src/link/meter_frame";
import { HighestSince, PeakHold, PeakLamp } from "../src/meters/peaks";
import { scale_of, SCALES } from "../src/meters/scales";
import { deflection } from "../src/meters/vu_scale";

test("deflection is proportional to voltage: 0 VU stands at 71 % of +3", () => {
  expect(deflection(3)).toBeCloseTo(1, 6);
  expect(deflection(0)).toBeCloseTo(0.7079, 4);
  expect(deflection(-6.0206)).toBeCloseTo(0.7079 / 2, 4); // half the voltage, half the way
  expect(deflection(-60)).toBeLessThan(0.001);
});

test("the needle ends at its pins", () => {
  expect(deflection(20)).toBeLessThan(1.05);
  expect(deflection(Number.NaN)).toBe(0);
});

test("the peak lamp holds for 1.5 s of deck time", () => {
  const lamp = new PeakLamp();
  const s = 1_000_000_000n;
  expect(lamp.frame(-1.01, 1n * s)).toBe(false);
  expect(lamp.frame(-1, 2n * s)).toBe(true);
  expect(lamp.frame(-20, 3n * s)).toBe(true);
  expect(lamp.frame(-20, 2n * s + (3n * s) / 2n)).toBe(false);
});

test("a deck clock that begins anew does not leave the lamp lit", () => {
  const lamp = new PeakLamp();
  lamp.frame(0, 5_000_000_000_000n);
  expect(lamp.frame(-20, 1n)).toBe(false);
});

test("figures are the highest since they were last taken", () => {
  const highest = new HighestSince();
  expect(highest.take()).toBeNull();
  highest.frame(-3);
  highest.frame(1);
  highest.frame(-8);
  expect(highest.take()).toBe(1);
  expect(highest.take()).toBeNull();
});

const channel = (given: Partial<Channel>): Channel => ({
  vu: -60, ppm_type_i_db: -120, ppm_type_ii_db: -120, true_peak_dbtp: -150, sample_peak_dbfs: -150, clips: 0, ...given,
}); // prettier-ignore

test("alignment level, a sine at -18 dBFS, on each PPM's scale", () => {
  const alignment = channel({ ppm_type_i_db: 0, ppm_type_ii_db: 0 });
  expect(scale_of("bbc").read(alignment)).toBe(4);
  expect(scale_of("ebu").read(alignment)).toBe(0);
  expect(scale_of("ebu").marks.find(({ at }) => at === 0)?.label).toBe("TEST");
  expect(scale_of("nordic").read(alignment)).toBe(0);
  expect(scale_of("din").read(alignment)).toBe(-9);
});

test("a BBC mark is 4 dB, and its marks stand evenly", () => {
  const bbc = scale_of("bbc");
  expect(bbc.read(channel({ ppm_type_ii_db: 8 }))).toBe(6);
  expect(bbc.read(channel({ ppm_type_ii_db: -12 }))).toBe(1);
  expect(bbc.deflection(4)).toBeCloseTo(0.5, 6);
  expect(bbc.deflection(1)).toBe(0);
  expect(bbc.deflection(7)).toBe(1);
});

test("every scale's marks rise from end to end, and no needle leaves its pins", () => {
  expect(SCALES.map(({ key }) => key)).toEqual(["vu", "din", "nordic", "bbc", "ebu"]);
  for (const scale of SCALES) {
    const places = scale.marks.map(({ at }) => scale.deflection(at));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.at(-1)).toBeCloseTo(1, 6);
    expect(scale.deflection(-1000)).toBeGreaterThan(-0.05);
    expect(scale.deflection(1000)).toBeLessThan(1.05);
    expect(scale.marks.map(({ at }) => at)).toContain(scale.reference);
  }
  expect(scale_of("no such").key).toBe("vu");
});

test("a held true peak and its clips stay until they are cleared", () => {
  const hold = new PeakHold();
  hold.frame(channel({ true_peak_dbtp: -3, clips: 7 }));
  expect(hold.clips).toBe(0); // they were before this page looked
  hold.frame(channel({ true_peak_dbtp: 0.4, clips: 9 }));
  hold.frame(channel({ true_peak_dbtp: -20, clips: 9 }));
  expect(hold.true_peak_dbtp).toBe(0.4);
  expect(hold.clips).toBe(2);
  hold.clear();
  expect(hold.clips).toBe(0);
  hold.frame(channel({ true_peak_dbtp: -20, clips: 9 }));
  expect(hold.true_peak_dbtp).toBe(-20);
  expect(hold.clips).toBe(0);
  hold.frame(channel({ clips: 1 })); // a daemon that was restarted counts anew
  expect(hold.clips).toBe(1);
});
