// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/",
  build: {
    target: ["safari14", "chrome87"], // studio tablets are old
    assetsInlineLimit: 0, // the server's CSP allows no data: addresses
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // h() writes children as arguments: a tenth less script than the automatic runtime's objects
  oxc: { jsx: { runtime: "classic", pragma: "h", pragmaFrag: "Fragment" }, jsxInject: `import { h, Fragment } from "preact"` },
  test: { include: ["test/**/*.test.{ts,tsx}"], testTimeout: 60_000 },
});
