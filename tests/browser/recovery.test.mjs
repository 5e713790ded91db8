// Nothing that goes wrong costs what was loaded.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { copyExample, drop, start, winner } from "./browser.mjs";

const customer = "#/explore/customer-01-product-a-prod?set=product-by-environment&key=replicaCount";
let strata;
before(async () => (strata = await start()));
afterEach(() => strata.close());
after(() => strata.end());

/** What a panic of the engine does: it answers nothing more, and the browser tells the page. */
const breakEngine = async (page) => {
  await page.evaluate(() => {
    const engine = (globalThis.brokenEngine = globalThis.strataEngine);
    engine.terminate();
    engine.dispatchEvent(new ErrorEvent("error", { message: "RuntimeError: unreachable" }));
  });
};

const restarted = (page) => page.waitForFunction(() => globalThis.strataEngine !== globalThis.brokenEngine);

test("an engine that breaks down is started again with what was loaded", async () => {
  const page = await strata.open({ fragment: customer });
  const folder = strata.folder();
  copyExample(folder).replace("customer-configs/customers/customer-01/product-a/values.yaml", "replicaCount: 5", "\nreplicaCount: 7");
  await drop(page, join(folder, "customer-configs"), join(folder, "platform-infrastructure"));
  await page.waitForFunction(() => document.querySelector(".cascade-view .wins mark")?.textContent === "7");
  await breakEngine(page);
  await page.locator(".notice.broken", { hasText: "What was loaded before is back" }).waitFor();
  assert.equal((await winner(page, "replicaCount")).marked, "7");
  await page.locator(".environments button", { hasText: "staging" }).click();
  await page.waitForFunction(() => document.querySelector(".title h1 .name").textContent === "customer-01-product-a-staging");
  await winner(page, "replicaCount");
});

test("an engine that breaks down on files comes back without them", async () => {
  const page = await strata.open({ fragment: customer });
  const folder = strata.folder();
  execFileSync("sh", ["-c", 'mkdir many && cd many && for folder in $(seq 1 40); do mkdir "$folder" && (cd "$folder" && seq 1 1000 | xargs touch); done'], { cwd: folder });
  await drop(page, join(folder, "many"));
  await page.locator(".load-bar").getByText(/Reading files: \d{3,}/).waitFor();
  await breakEngine(page);
  await page.locator(".notice.broken", { hasText: "What was loaded before is back" }).waitFor();
  assert.equal((await winner(page, "replicaCount")).marked, "5");
  assert.equal(await page.locator(".load-bar").count(), 0);
});

test("an engine that breaks down again and again is given up", async () => {
  const page = await strata.open({ fragment: customer });
  for (let time = 1; time <= 2; time += 1) {
    await breakEngine(page);
    await restarted(page);
    await page.waitForFunction(() => document.querySelector(".load-bar"));
    await page.waitForFunction(() => !document.querySelector(".load-bar"));
  }
  assert.match(page.url(), /#\/sets/, "what was shown seems to be the cause");
  await breakEngine(page);
  await page.locator(".notice.broken", { hasText: "Reload the page" }).waitFor();
});

test("unpacking an archive can be given up midway", async () => {
  const page = await strata.open({ fragment: customer });
  const folder = strata.folder();
  execFileSync("sh", ["-c", "mkdir many && head -c 40000000 /dev/urandom | split -b 400 -a 5 - many/f && tar czf many.tgz many"], { cwd: folder });
  await drop(page, join(folder, "many.tgz"));
  const bar = page.locator(".load-bar");
  await bar.getByText(/Unpacking: \d+ files/).waitFor();
  await bar.getByRole("button", { name: "Cancel" }).click();
  await bar.waitFor({ state: "detached" });
  assert.equal((await winner(page, "replicaCount")).marked, "5");
  assert.doesNotMatch(await page.locator(".repositories").innerText(), /many/);
});
