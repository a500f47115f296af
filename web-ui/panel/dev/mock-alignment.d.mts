// SPDX-License-Identifier: Apache-2.0
type Told = Record<string, unknown>;
export const record_uuid: string;
export const turning: Told & { view: Told & { tracks: Told[] } };
export const searching: Told;
export const azimuth: Told;
export const confirming: Told;
export const entering: Told;
export const automatic: Told;
export const values: Told[];
export const record: Told;
export function older(n: number): Told;
export const records: Told[];
export const alignments: Told;
export const procedures: Told;
export const bias: Told;
export function job_end(verdict: string, reason: string | null): Told;
