// SPDX-License-Identifier: Apache-2.0
// Which page of the panel is shown. The address bar says it (#align), so that back, reload and a bookmark do what they
// do everywhere; where it says nothing, a running alignment is what is wanted.
export type View = "deck" | "print" | "transfer" | "align" | "bias";

export const VIEWS: [View, string][] = [
  ["deck", "DECK"],
  ["print", "PRINT"],
  ["transfer", "TRANSFER"],
  ["align", "ALIGN"],
  ["bias", "BIAS"],
];

export function view_of_hash(hash: string): View | null {
  return VIEWS.find(([view]) => hash === `#${view}`)?.[0] ?? null;
}
