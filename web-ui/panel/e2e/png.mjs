// SPDX-License-Identifier: Apache-2.0
// The browser packs its pictures in haste; this packs them well, for the documentation. Of each colour the last bit is dropped:
// nobody sees it, and it is what does not pack.
import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE_BYTES = 8;
const BEST = { level: 9, memLevel: 9 };

/** Filters of the PNG specification, chosen a line at a time by the least sum of magnitudes. */
function filtered(pixels, line, step) {
  const out = Buffer.alloc((line + 1) * (pixels.length / line));
  const paeth = (a, b, c) => {
    const p = a + b - c;
    const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
  };
  for (let y = 0, at = 0; y < pixels.length / line; ++y, at += line + 1) {
    const candidates = [0, 1, 2, 3, 4].map((kind) => {
      const row = Buffer.alloc(line);
      let sum = 0;
      for (let x = 0; x < line; ++x) {
        const a = x >= step ? pixels[y * line + x - step] : 0;
        const b = y > 0 ? pixels[(y - 1) * line + x] : 0;
        const c = x >= step && y > 0 ? pixels[(y - 1) * line + x - step] : 0;
        const predicted = [0, a, b, (a + b) >> 1, paeth(a, b, c)][kind];
        row[x] = pixels[y * line + x] - predicted;
        sum += Math.min(row[x], 256 - row[x]);
      }
      return { kind, row, sum };
    });
    const best = candidates.reduce((least, one) => (one.sum < least.sum ? one : least));
    out[at] = best.kind;
    best.row.copy(out, at + 1);
  }
  return out;
}

/** The raw pixels behind filtered lines. */
function unfiltered(data, line, step) {
  const pixels = Buffer.alloc((data.length / (line + 1)) * line);
  for (let y = 0; y * (line + 1) < data.length; ++y) {
    const kind = data[y * (line + 1)];
    for (let x = 0; x < line; ++x) {
      const a = x >= step ? pixels[y * line + x - step] : 0;
      const b = y > 0 ? pixels[(y - 1) * line + x] : 0;
      const c = x >= step && y > 0 ? pixels[(y - 1) * line + x - step] : 0;
      const p = a + b - c;
      const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
      const predicted = [0, a, b, (a + b) >> 1, pa <= pb && pa <= pc ? a : pb <= pc ? b : c][kind];
      pixels[y * line + x] = data[y * (line + 1) + 1 + x] + predicted;
    }
  }
  return pixels;
}

/** 8 bits a channel, RGB or RGBA, not interlaced: what Chromium writes. */
export function repacked(png) {
  const chunks = [];
  for (let at = SIGNATURE_BYTES; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString("latin1", at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  const header = chunks.find(({ type }) => type === "IHDR").data;
  const step = header[9] === 6 ? 4 : 3;
  const line = header.readUInt32BE(0) * step;
  const packed = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data)));
  const pixels = unfiltered(packed, line, step).map((value) => value & 0xfe);
  const image = deflateSync(filtered(pixels, line, step), BEST);
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  return Buffer.concat([png.subarray(0, SIGNATURE_BYTES), chunk("IHDR", header), chunk("IDAT", image), chunk("IEND", Buffer.alloc(0))]);
}
