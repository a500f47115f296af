// SPDX-License-Identifier: Apache-2.0
export const tone_analysis: Record<string, unknown>;
