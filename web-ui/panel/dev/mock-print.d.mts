// SPDX-License-Identifier: Apache-2.0
type Told = Record<string, unknown>;
export const plan_filled: Told;
export const plan_read: Told & { plan: Told };
export const check_good: Told;
export const check_refused: Told;
export const files_root: Told;
export const files_folder: Told;
export const uploads: Told;
export const sessions: Told & { sessions: Told[] };
export const report: Told;
export const verify_report: Told;
export const session: string;
export const job: Told;
export const gate: string;
export const print_log: Told;
export const transfer: Told;
export const transfer_log: Told;
export const transfer_report: Told;
