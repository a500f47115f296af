// SPDX-License-Identifier: Apache-2.0
// A value that an operator has read off an instrument and types in. Pure.

/** "-1,5" and "-1.5" are the same; null: not a number. */
export function value_entry(entry: string): number | null {
  const written = entry.trim().replace("\u2212", "-").replace(",", ".");
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(written) ? Number(written) : null;
}
