// SPDX-License-Identifier: Apache-2.0
// The scale of a standard volume indicator (ANSI C16.5): deflection is proportional to the rectified voltage, so the
// marks crowd at the left. The ballistics are the daemon's; the panel draws the value it is given.

export interface Mark {
  vu: number;
  label: string;
}

export const MARKS: Mark[] = [
  { vu: -20, label: "20" }, { vu: -10, label: "10" }, { vu: -7, label: "7" }, { vu: -5, label: "5" },
  { vu: -3, label: "3" }, { vu: -2, label: "2" }, { vu: -1, label: "1" }, { vu: 0, label: "0" },
  { vu: 1, label: "1" }, { vu: 2, label: "2" }, { vu: 3, label: "3" },
]; // prettier-ignore

const FULL_SCALE_VU = 3;
const END_STOP = 1.035; // the needle's pin stands a little beyond +3

/** 0 at rest, 1 at +3 VU, up to the pin. */
export function deflection(vu: number): number {
  if (Number.isNaN(vu)) {
    return 0;
  }
  return Math.min(END_STOP, Math.pow(10, (vu - FULL_SCALE_VU) / 20));
}
