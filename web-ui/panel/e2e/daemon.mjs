// SPDX-License-Identifier: Apache-2.0
// A real `overbiasd --simulate` for the browser tests: started, killed and started again on the same port and state.
// OVERBIAS_DAEMON (or the first argument of scripts/test-panel) is its path; `overbias` is expected beside it.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const path = process.env.OVERBIAS_DAEMON;
if (!path) {
  throw new Error("OVERBIAS_DAEMON is not set: give the path of a built overbiasd, e.g. build/ci/bin/overbiasd");
}
const READY_WITHIN_MS = 30_000;

export class Daemon {
  #process = null;
  #folder;
  #listen = "127.0.0.1:0";
  #log = "";
  #options;
  address = ""; // http://127.0.0.1:PORT
  token = "";

  constructor(options) {
    this.#options = options;
  }
  /** `options`: of overbiasd, beside its own. */
  static async start(...options) {
    const daemon = new Daemon(options);
    daemon.#folder = await mkdtemp(join(tmpdir(), "overbias-panel-test."));
    await daemon.start();
    return daemon;
  }

  async start() {
    this.#process = spawn(path, ["--simulate", ...this.#options, "--listen", this.#listen, "--state-dir", this.#folder], { stdio: ["ignore", "pipe", "pipe"] });
    this.#process.stderr.on("data", (text) => (this.#log += text));
    const printed = await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`overbiasd printed no panel address within ${READY_WITHIN_MS} ms:\n${this.#log}`)), READY_WITHIN_MS);
      this.#process.once("error", reject);
      this.#process.once("exit", (code) => reject(new Error(`overbiasd ended with ${code} before it was ready:\n${this.#log}`)));
      createInterface(this.#process.stdout).on("line", (line) => {
        const match = /^panel: (http:\/\/[^/]+)\/#token=(\S+)$/.exec(line);
        if (match) {
          clearTimeout(late);
          resolve(match);
        }
      });
    });
    [, this.address, this.token] = printed;
    this.#listen = new URL(this.address).host; // the same port when it is started again
  }

  /** As a crash does it. */
  async kill() {
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await gone;
  }

  get pairing_address() {
    return `${this.address}/#token=${this.token}`;
  }

  /** The command line client, which the machine's own user may use: what it prints as JSON. */
  async command(...words) {
    const { stdout } = await promisify(execFile)(join(dirname(path), "overbias"), ["--socket", join(this.#folder, "overbias.sock"), ...words]);
    return stdout;
  }
  async new_token() {
    const printed = await this.command("pair");
    const match = /#token=(\S+)/.exec(printed);
    if (!match) {
      throw new Error(`overbias pair printed no token: ${printed}`);
    }
    return match[1];
  }
  get folder() {
    return this.#folder;
  }
  get log() {
    return this.#log;
  }

  async end() {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const gone = new Promise((resolve) => this.#process.once("exit", resolve));
      this.#process.kill("SIGTERM");
      const killer = setTimeout(() => this.#process.kill("SIGKILL"), 15_000);
      await gone;
      clearTimeout(killer);
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}
