// SPDX-License-Identifier: Apache-2.0
// Gives the browser a file to keep.
export function save_file(name: string, type: string, bytes: Uint8Array<ArrayBuffer> | string): void {
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000); // some browsers begin to read it later
}
