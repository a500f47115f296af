// SPDX-License-Identifier: Apache-2.0
// A signal whose value the browser keeps. A browser that keeps nothing (a private window) just begins anew.
import { effect, signal, type Signal } from "@preact/signals";

export function remembered(name: string, otherwise: string): Signal<string> {
  const key = `overbias.${name}`;
  let before: string | null = null;
  try {
    before = localStorage.getItem(key);
  } catch {
    before = null;
  }
  const value = signal(before ?? otherwise);
  effect(() => {
    const now = value.value;
    try {
      localStorage.setItem(key, now);
    } catch {
      return;
    }
  });
  return value;
}
