// SPDX-License-Identifier: Apache-2.0
// A real browser against a real daemon with the simulated deck. Everything waits on what the panel or the daemon shows;
// nothing waits for a time to pass.
import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launch, metres, metres_over_frames, motion, moved, new_page, open_live, painted, reads, still } from "./browser.mjs";
import { Daemon } from "./daemon.mjs";

let daemon, browser, page, used_token;
const problems = [];

before(async () => {
  daemon = await Daemon.start();
  browser = await launch();
  page = await new_page(browser, problems);
});
after(async () => {
  await browser?.close();
  await daemon?.end();
});

/** HTTP as a program sees it: any header may be given. */
function http(method, path, headers = {}, body = "") {
  const { hostname, port } = new URL(daemon.address);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers: { "Content-Type": "application/json", ...headers } }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

test("the printed address pairs, and the token is gone from the address bar", async () => {
  used_token = daemon.token;
  await open_live(page, daemon.pairing_address);
  assert.equal(new URL(page.url()).hash, "");
  await reads(page, ".deck", /SIMULATED/);
  await motion(page, "STOPPED");
});

test("PLAY moves the counter, STOP makes it stand still", async () => {
  const start = await metres(page);
  await page.click("#key-play");
  await motion(page, "PLAY");
  await moved(page, start, 0.3);
  await page.waitForSelector('[data-lamp="play"].lamp-on');
  await page.dispatchEvent("#stop", "pointerdown", { button: 0, bubbles: true });
  await motion(page, "STOPPED");
  await page.waitForSelector("#stop .lamp-on");
  await page.waitForSelector("#stop.stop-confirmed");
  await still(page);
  assert.equal(await metres_over_frames(page, 30), 0);
  const told = JSON.parse(await daemon.command("status", "--json"));
  assert.equal(told.motion.current, "Stopped");
  assert.equal(told.speed_m_s, 0);
});

test("Space stops, also from the locate field; Enter plays", async () => {
  await page.focus("body");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("Enter");
  await motion(page, "PLAY");
  await page.focus("#locate-place");
  await page.keyboard.press("Space");
  await motion(page, "STOPPED");
  assert.equal(await page.inputValue("#locate-place"), "");
});

test("STOP takes the HTTP way when the socket is dead", async () => {
  const other = await new_page(browser, problems);
  await open_live(other, `${daemon.address}/#token=${await daemon.new_token()}`);
  await other.evaluate(() => document.activeElement.blur());
  // this page's socket swallows all that it is given from now on
  await other.evaluate(() => (WebSocket.prototype.send = () => undefined));
  await page.click("#key-play");
  await motion(page, "PLAY");
  await other.keyboard.press("Space");
  await motion(page, "STOPPED");
  await other.waitForSelector("#stop.stop-confirmed");
  await other.context().close();
});

test("record wants arm held, then proof of play; PUNCH OUT leaves it", async () => {
  await page.click("#key-record");
  await page.waitForFunction(() => /refused/.test(document.querySelector("#message").textContent));
  const arm = await page.locator("#key-arm").boundingBox();
  await page.mouse.move(arm.x + arm.width / 2, arm.y + arm.height / 2);
  await page.mouse.down();
  await page.waitForSelector("#key-arm.armed");
  await page.mouse.up();
  await page.click("#key-play");
  await motion(page, "PLAY");
  await page.waitForFunction(
    () => {
      if (document.querySelector("#motion").textContent !== "RECORD") {
        document.querySelector("#key-record").click(); // refused until the deck has proven that it plays
        return false;
      }
      return true;
    },
    undefined,
    { polling: 200 },
  );
  await page.waitForSelector('[data-lamp="record"].lamp-on');
  await page.click("#key-punch_out");
  await motion(page, "PLAY");
  await page.keyboard.press("Escape");
  await motion(page, "STOPPED");
  await page.waitForSelector("#key-arm:not(.armed)");
});

test("zero and locate", async () => {
  await page.click("#key-zero");
  await page.waitForFunction(() => document.querySelector("#metres").textContent === "0.000 m");
  await page.fill("#locate-place", "3");
  await page.press("#locate-place", "Enter");
  await page.waitForFunction(() => {
    const m = Number(document.querySelector("#metres").textContent.replace("~", "").replace(" m", ""));
    return document.querySelector("#motion").textContent === "STOPPED" && Math.abs(m - 3) < 0.5;
  });
});

test("a used token does not pair a second browser; a new one does", async () => {
  const second = await new_page(browser, problems);
  await second.goto(`${daemon.address}/#token=${used_token}`);
  await second.waitForSelector("#pairing-problem");
  await reads(second, "#pairing-problem", /used up/);
  await reads(second, ".pairing", /overbias pair/);
  await second.waitForSelector("#stop", { state: "visible" });
  await second.fill("#token", await daemon.new_token());
  await second.click("#pair");
  await second.waitForSelector("#link.link-live");
  await second.context().close();
});

test("a page of another origin can neither fetch nor open the socket", async () => {
  const stranger = createServer((_, answer) => answer.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>stranger</title>"));
  await new Promise((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  try {
    // the same host and the paired profile: SameSite looks at the site, so the cookie would come along
    const foreign = await page.context().newPage();
    await foreign.goto(`http://127.0.0.1:${stranger.address().port}/`);
    const seen = await foreign.evaluate(async (address) => {
      const tried = async (path, options) => {
        try {
          return (await fetch(address + path, { credentials: "include", ...options })).status;
        } catch (error) {
          return error.name;
        }
      };
      const socket = new WebSocket(address.replace("http", "ws") + "/api/v1/ws", "overbias.v1");
      const opened = await new Promise((resolve) => {
        socket.onopen = () => resolve("open");
        socket.onerror = () => resolve("refused");
      });
      return {
        health: await tried("/api/v1/health", {}),
        play: await tried("/api/v1/rpc", { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"jsonrpc":"2.0","id":1,"method":"play"}' }),
        simple: await tried("/api/v1/rpc", { method: "POST", mode: "cors", body: '{"jsonrpc":"2.0","id":1,"method":"play"}' }),
        socket: opened,
      };
    }, daemon.address);
    assert.deepEqual(seen, { health: "TypeError", play: "TypeError", simple: "TypeError", socket: "refused" });
    await foreign.evaluate(
      (address) => fetch(address + "/api/v1/rpc", { method: "POST", mode: "no-cors", credentials: "include", body: '{"jsonrpc":"2.0","id":1,"method":"play"}' }).catch(() => undefined),
      daemon.address,
    );
    const told = JSON.parse(await daemon.command("status", "--json"));
    assert.equal(told.motion.current, "Stopped"); // whatever was sent, nothing moved
    await foreign.close();
  } finally {
    stranger.close();
  }
});

test("a foreign Host, a foreign Origin and a missing session are refused; health is all a stranger may see", async () => {
  const host = new URL(daemon.address).host;
  const play = '{"jsonrpc":"2.0","id":1,"method":"play"}';
  assert.equal(await http("GET", "/api/v1/health", { Host: host }), 200);
  assert.equal(await http("GET", "/api/v1/health", { Host: "evil.example" }), 421);
  assert.equal(await http("GET", "/", { Host: `evil.example:${new URL(daemon.address).port}` }), 421);
  assert.equal(await http("POST", "/api/v1/rpc", { Host: host, Origin: "http://evil.example" }, play), 403);
  const Origin = daemon.address;
  assert.equal(await http("POST", "/api/v1/rpc", { Host: host, Origin }, play), 401);
  assert.equal(await http("POST", "/api/v1/stop", { Host: host, Origin }, "{}"), 401);
  assert.equal(await http("POST", "/api/v1/rpc", { Host: host, Origin, Cookie: "overbias_session=guessed" }, play), 401);
  assert.equal(await http("POST", "/api/v1/rpc", { Host: host }, play), 403); // neither a page of ours nor a program's session
  assert.equal(await http("POST", "/api/v1/rpc", { Host: host, Authorization: "Bearer guessed" }, play), 401);
});

const WIDTHS = [[320, 568], [768, 1024], [1024, 768], [1920, 1080]]; // prettier-ignore

/** What lies at every corner and the middle of STOP, how large it is, and who comes near it. */
function look_at_stop() {
  const stop = document.querySelector("#stop");
  const box = stop.getBoundingClientRect();
  const inset = 14; // inside its round corners
  const points = [
    [box.left + inset, box.top + inset],
    [box.right - inset, box.top + inset],
    [box.left + inset, box.bottom - inset],
    [box.right - inset, box.bottom - inset],
    [(box.left + box.right) / 2, (box.top + box.bottom) / 2],
  ];
  const near = [...document.querySelectorAll("button, input, a")].filter((other) => {
    if (other === stop) {
      return false;
    }
    // what is scrolled out of the instruments is not there
    const seen = other.getBoundingClientRect();
    const fixed = [other, other.closest(".keys")].some((element) => element !== null && getComputedStyle(element).position === "fixed");
    const clip = fixed ? null : (other.closest("main")?.getBoundingClientRect() ?? null);
    const left = Math.max(seen.left, clip?.left ?? -Infinity);
    const right = Math.min(seen.right, clip?.right ?? Infinity);
    const top = Math.max(seen.top, clip?.top ?? -Infinity);
    const bottom = Math.min(seen.bottom, clip?.bottom ?? Infinity);
    if (right <= left || bottom <= top) {
      return false;
    }
    const dx = Math.max(box.left - right, left - box.right, 0);
    const dy = Math.max(box.top - bottom, top - box.bottom, 0);
    return Math.hypot(dx, dy) < 48;
  });
  return {
    inside: box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight,
    topmost: points.every(([x, y]) => stop.contains(document.elementFromPoint(x, y))),
    height: box.height,
    near: near.map((other) => other.id || other.textContent),
    sideways: document.documentElement.scrollWidth > innerWidth,
  };
}

test("STOP is visible, topmost, large and alone at every size, under help and while pairing too", async () => {
  const unpaired = await new_page(browser, problems);
  await unpaired.goto(daemon.address);
  await unpaired.waitForSelector("#token");
  for (const [shown, what] of [[page, "instruments"], [page, "help"], [unpaired, "pairing"]]) {
    if (what === "help") {
      await page.click(".help-key");
      await page.waitForSelector(".help");
    }
    for (const [width, height] of WIDTHS) {
      await shown.setViewportSize({ width, height });
      await painted(shown);
      const stop = await shown.evaluate(look_at_stop);
      assert.deepEqual({ ...stop, height: stop.height >= 88 }, { inside: true, topmost: true, height: true, near: [], sideways: false }, `${what} at ${width} x ${height}`);
    }
  }
  await page.click(".help .small-key");
  await page.setViewportSize({ width: 1280, height: 800 });
  await unpaired.context().close();
});

test("axe finds nothing serious, paired, in help and unpaired", async () => {
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const serious = async (shown) => {
    await shown.evaluate(axe); // by the debugger: the page's CSP stays in force
    const { violations } = await shown.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    return violations.filter(({ impact }) => ["serious", "critical"].includes(impact)).map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
  };
  assert.deepEqual(await serious(page), []);
  await page.click(".help-key");
  await page.waitForSelector(".help");
  assert.deepEqual(await serious(page), []);
  await page.click(".help .small-key");
  const unpaired = await new_page(browser, problems);
  await unpaired.goto(daemon.address);
  await unpaired.waitForSelector("#token");
  assert.deepEqual(await serious(unpaired), []);
  await unpaired.context().close();
});

test("the daemon dies and comes back: STALE, then live again by itself, and nothing moves by itself", async () => {
  await page.click("#key-play");
  await motion(page, "PLAY");
  await daemon.kill();
  await page.waitForSelector(".counter .stale-mark");
  await page.waitForSelector(".meter .stale-mark");
  await page.waitForSelector("#link.link-unreachable");
  await page.waitForSelector("#key-play:disabled");
  assert.equal(await page.isDisabled("#stop"), false);
  await page.keyboard.press("Space"); // nobody is there to take it
  await page.waitForFunction(() => /STOP was not confirmed/.test(document.body.textContent));
  await daemon.start();
  await page.waitForSelector("#link.link-live");
  await page.waitForSelector(".counter:not(.stale)");
  await page.waitForFunction(() => document.querySelectorAll(".stale-mark").length === 0);
  await motion(page, "STOPPED");
  await page.click("#key-play");
  await motion(page, "PLAY");
  await page.dispatchEvent("#stop", "pointerdown", { button: 0, bubbles: true });
  await motion(page, "STOPPED");
});

test("no script failed and the browser reported no breach of the content policy", () => {
  assert.deepEqual(problems, []);
});
