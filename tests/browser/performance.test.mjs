// How busy the page gets while it works.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { drop, loaded, start } from "./browser.mjs";
import { writeFleet } from "./fleet.mjs";

let strata;
before(async () => (strata = await start()));
afterEach(() => strata.close());
after(() => strata.end());

const watch = (page) =>
  page.evaluate(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ entryTypes: ["longtask"] });
  });

// The aim is no task over 50 ms on a quiet machine with two processors; a clock decides no test.
test("100 customers: values appear, and the longest task is told", async () => {
  const page = await strata.open();
  // STRATA_FLEET names another platform to measure.
  const folder = process.env.STRATA_FLEET || strata.folder();
  if (!process.env.STRATA_FLEET) writeFleet(folder, 100);
  const footer = () => page.locator("footer").innerText();
  const before = await footer();
  await watch(page);
  const started = Date.now();
  await drop(page, join(folder, "customer-configs"), join(folder, "platform-infrastructure"));
  await page.waitForFunction((before) => document.querySelector("footer").innerText !== before, before, { timeout: 120_000 });
  await loaded(page);
  const seconds = (Date.now() - started) / 1000;
  const count = (await footer()).match(/\d+ applications in \d+ ms/)?.[0];
  assert.ok(count, "the footer counts the applications");
  console.log(`fleet of 100 customers: ${seconds.toFixed(1)} s from drop to values; ${count}; ${await longest(page)}`);
});

test("while files are evaluated, the page answers about what it shows", async () => {
  const page = await strata.open();
  await page.workers()[0].evaluate(() => {
    // Evaluating rests between its steps until the test is over.
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (step) => setTimeout(step, 20_000);
  });
  const folder = strata.folder();
  writeFleet(folder, 200);
  await drop(page, folder);
  const bar = page.locator(".load-bar");
  await bar.getByText(/Evaluating applications: \d+ of \d{4}/).waitFor();
  await page.locator(".environments button", { hasText: "dev" }).click();
  await page.waitForFunction(() => document.querySelector(".title h1 .name").textContent === "customer-01-product-a-dev");
  assert.equal(await bar.count(), 1, "it goes on");
  await bar.getByRole("button", { name: "Cancel" }).click();
  await bar.waitFor({ state: "detached" });
  assert.equal(await page.locator(".title h1 .name").innerText(), "customer-01-product-a-dev");
  assert.match(await page.locator("footer").innerText(), /174 applications/);
});

const longest = async (page) => {
  const tasks = await page.evaluate(() => globalThis.longTasks);
  return `longest task ${Math.round(Math.max(0, ...tasks))} ms`;
};

test("very many files: a bar with counts, a way to give up, and what was there stays", async () => {
  const page = await strata.open();
  const folder = strata.folder();
  execFileSync("sh", ["-c", 'mkdir many && cd many && for folder in $(seq 1 100); do mkdir "$folder" && (cd "$folder" && seq 1 1000 | xargs touch); done'], { cwd: folder });
  const name = await page.locator(".title h1 .name").innerText();
  await watch(page);
  await drop(page, join(folder, "many"));
  const bar = page.locator(".load-bar");
  await bar.getByText(/Reading files: \d{3,}/).waitFor();
  await bar.getByRole("button", { name: "Cancel" }).click();
  await bar.waitFor({ state: "detached" });
  assert.equal(await page.locator(".title h1 .name").innerText(), name);
  console.log(`100,000 files: ${await longest(page)}`);
});
