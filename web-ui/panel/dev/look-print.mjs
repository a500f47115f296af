// SPDX-License-Identifier: Apache-2.0
// Pictures of the print page's parts, for look.mjs.
const FACTS = { title: "Nocturnes" };
const track = (key, title) => ({ key, file: `/srv/masters/0${key} ${title}.wav`, shown: `0${key} ${title}.wav`, title, artist: key === 2 ? "A. Player" : "", isrc: "", version: "", trim_db: "", gap: "", gap_unit: "s" });
const DRAFT = {
  facts: FACTS, units: {}, tails_out: null, split_sides: false, tones: null, voice: null, live: null,
  sides: [
    { key: 11, name: "A", new_tape: true, start_m: "", gap: "", gap_unit: "s", tracks: [track(1, "Overture"), track(2, "Nocturne in C sharp minor"), track(3, "Interlude"), track(4, "Finale")] },
    { key: 12, name: "B", new_tape: true, start_m: "", gap: "", gap_unit: "s", tracks: [track(5, "Morning"), track(6, "Harbour")] },
  ],
}; // prettier-ignore

export async function look_at_print(page, scene, shoot) {
  if (scene.startsWith("transfer")) {
    await page.evaluate(() => (location.hash = "#transfer"));
    await page.waitForSelector({ transfer: ".transfer-form", "transfer-run": "#transfer-running", "transfer-end": "#transfer-sha256" }[scene]);
    await shoot(scene);
    return;
  }
  if (["print-plan", "print-check", "print-refused"].includes(scene)) {
    await page.evaluate((draft) => localStorage.setItem("overbias.reel-plan", JSON.stringify(draft)), scene === "print-plan" ? { ...DRAFT, sides: [{ ...DRAFT.sides[0], tracks: [] }] } : DRAFT);
    await page.evaluate(() => (location.hash = "#print"));
    await page.reload();
    await page.waitForSelector("#link.link-live");
    await page.waitForSelector(".plan-page");
    if (scene === "print-plan") {
      await page.setInputFiles("#files", [{ name: "01 Overture.wav", mimeType: "audio/wav", buffer: Buffer.alloc(3_000_000) }]);
      await page.waitForSelector(".sending");
      await page.click("#show-folders");
      await page.click("#show-uploads");
      await page.waitForSelector(".entries li");
      await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
      await page.click("#own-tones");
      await page.click("#own-live");
      await page.evaluate(() => (document.querySelector("main").scrollTop = 0));
      await shoot(scene);
      return;
    }
    await page.click("#check-plan");
    await page.waitForSelector("#check");
    await shoot(`${scene}-top`);
    await page.locator(".track-name").nth(1).click();
    await page.locator("#check").scrollIntoViewIfNeeded();
    await page.evaluate(() => document.querySelector("#check").scrollIntoView());
    await shoot(scene);
    return;
  }
  if (scene === "print-open") {
    const open = (name) => page.setInputFiles("#plan-file", [{ name, mimeType: "text/plain", buffer: Buffer.from("a plan") }]);
    await page.evaluate(() => localStorage.removeItem("overbias.reel-plan"));
    await page.evaluate(() => (location.hash = "#print"));
    await page.reload();
    await page.waitForSelector("#plan-file", { state: "attached" });
    await page.waitForSelector("#link.link-live");
    await open("ferry.toml");
    await page.waitForSelector("#plan-more");
    await shoot(`${scene}-taken`, ["phone", "full"]);
    await page.evaluate(() => document.querySelector("#plan-more").scrollIntoView());
    await shoot(`${scene}-more`, ["phone", "full"]);
    await open("other.toml");
    await page.waitForSelector("#open-yes");
    await shoot(scene, ["phone", "full"]);
    await open("broken.toml");
    await page.waitForSelector("#open-notice .finding-fail");
    await shoot(`${scene}-wrong`, ["phone", "full"]);
    return;
  }
  await page.evaluate(() => (location.hash = "#print"));
  const waits = { "print-run": "#watch", "print-gate": "#gate", "print-verdict": ".track-verdict-more .plot", "print-sessions": "#print-page" };
  if (scene === "print-sessions") {
    await page.click("#tab-sessions");
    await page.getByText("ALL PRINTS").click({ timeout: 1000 }).catch(() => undefined);
    await page.waitForSelector("#sessions");
  }
  await page.waitForSelector(waits[scene]);
  await shoot(scene);
  if (scene === "print-verdict") {
    await page.evaluate(() => document.querySelector(".track-verdict-more").scrollIntoView());
    await shoot(`${scene}-track`);
  }
}
