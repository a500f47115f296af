// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
// The meter bridge on a page, fed with frames written by hand.
import { act } from "preact/test-utils";
import { afterEach, expect, test } from "vitest";
import { bytes } from "./meter_bytes";
import { appears, daemon, find, go_live, pass, pass_live, sent } from "./panel_page";

const clips_of_right = 16 + 56; // low byte
const true_peak_of_right = 16 + 28;

/** Frames on a healthy link for so long; `change` writes into each. */
async function frames(milliseconds: number, change: (frame: Uint8Array) => void = () => undefined): Promise<void> {
  for (let done = 0; done < milliseconds; done += 250) {
    await pass_live(250);
    await act(() => {
      const frame = bytes();
      change(frame);
      daemon.socket.onmessage?.({ data: frame.buffer });
    });
  }
}
const text = (selector: string) => find(selector).textContent;

afterEach(() => localStorage.clear());

test("figures of a frame, and a dash for what is not known", async () => {
  await go_live();
  await frames(1500);
  expect(text("#loudness-m")).toBe("\u221223.0");
  expect(text("#loudness-s")).toBe("\u221224.0");
  expect(text("#loudness-i")).toBe("\u221223.5");
  expect(text("#loudness-lra")).toBe("4.0");
  expect(text("#key-loudness")).toContain("1:00");
  expect(text("#peak-left b")).toBe("\u22124.0");
  expect(text(".meter dd")).toBe("\u22121.0");
  expect(find(".correlation-mark").style.left).toBe("25%");
  await act(() => [...document.querySelectorAll<HTMLElement>(".meter-source .choice")][1]?.click());
  await frames(1500);
  expect(text("#loudness-i")).toBe("\u2014");
  expect(text("#loudness-lra")).toBe("\u2014");
});

test("a clip lights its channel's light until it is pressed", async () => {
  await go_live();
  await frames(1000);
  expect(find("#peak-right").className).not.toContain("clipped");
  await frames(750, (frame) => {
    frame[clips_of_right] = 5; // 3 before
    frame.set([0x00, 0x00, 0x80, 0x3f], true_peak_of_right); // 1
  });
  await frames(1000, (frame) => (frame[clips_of_right] = 5));
  expect(find("#peak-right").className).toContain("clipped");
  expect(text("#peak-right .clip-light")).toBe("CLIP 2");
  expect(text("#peak-right b")).toBe("1.0");
  expect(find("#peak-left").className).not.toContain("clipped");
  await act(() => find("#peak-right").click());
  await frames(1000, (frame) => (frame[clips_of_right] = 5));
  expect(find("#peak-right").className).not.toContain("clipped");
  expect(text("#peak-right b")).toBe("\u2212\u221e");
});

test("another scale shows another reading, and the browser keeps the choice", async () => {
  await go_live();
  await act(() => {
    const list = find("#ballistics") as HTMLSelectElement;
    list.value = "bbc";
    list.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await frames(1500);
  expect(text(".meter dt")).toBe("PPM max");
  expect(text(".meter dd")).toBe("3.3"); // 3 dB below alignment level, at 4
  expect(find(".meter-face").getAttribute("aria-valuemax")).toBe("7");
  expect(localStorage.getItem("overbias.ballistics")).toBe("bbc");
});

test("the restart asks the machine", async () => {
  await go_live();
  await act(() => find("#key-loudness").click());
  expect(sent("meters_reset")).toHaveLength(1);
});

test("without frames nothing is shown as live", async () => {
  await go_live();
  await frames(1500);
  await pass(2000);
  expect(find(".meter").querySelector(".stale-mark")).not.toBeNull();
  expect(text("#loudness-i")).toBe("\u2014");
  expect(text("#peak-left b")).toBe("\u2014");
  expect(find(".correlation").className).toContain("stale");
});

test("pictures are asked for while they are looked at, of the source that is shown", async () => {
  await go_live();
  expect(sent("pictures").at(-1)?.params).toEqual({ source: null });
  await act(() => find("#key-pictures").click());
  expect(sent("pictures").at(-1)?.params).toEqual({ source: "tape" });
  await appears(".pictures");
  await act(() => [...document.querySelectorAll<HTMLElement>(".meter-source .choice")][1]?.click());
  expect(sent("pictures").at(-1)?.params).toEqual({ source: "programme" });
  await act(() => find("#key-pictures").click());
  expect(sent("pictures").at(-1)?.params).toEqual({ source: null });
  expect(document.querySelector(".pictures")).toBeNull();
});
