// Nothing leaves the browser, and nothing is needed from outside once the page is there.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { drop, example, loaded, start, winner } from "./browser.mjs";

const customer = "#/explore/customer-01-product-a-prod?set=product-by-environment&key=replicaCount";
let strata;
before(async () => (strata = await start()));
afterEach(() => strata.close());
after(() => strata.end());

test("no request leaves the origin, whatever is opened", async () => {
  const page = await strata.open({ ready: false });
  const asked = [];
  page.context().on("request", (request) => asked.push(request));
  await page.reload();
  await page.waitForSelector(".tree .row");
  const before = asked.length;
  await drop(page, example);
  await loaded(page);
  await page.goto(strata.address + customer);
  await winner(page, "replicaCount");
  await page.locator(".wins .place").click();
  await page.waitForSelector(".text .marked");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("replica");
  await page.waitForSelector(".search-dialog li");
  for (const request of asked) assert.equal(new URL(request.url()).origin + "/", strata.address, request.url());
  for (const request of asked.slice(before)) assert.equal(request.method(), "GET");
  for (const request of asked) assert.equal(request.postData(), null);
});

test("the policy forbids what the page does not need", async () => {
  const page = await strata.open();
  const policy = await page.getAttribute("meta[http-equiv='Content-Security-Policy']", "content");
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|https?:|\*/);
  const blocked = await page.evaluate(async () => {
    try {
      await fetch("http://127.0.0.1:9/");
      return false;
    } catch {
      return true;
    }
  });
  assert.ok(blocked);
});

test("the page goes on without a network after the first load", async () => {
  const page = await strata.open({ fragment: customer });
  await page.context().setOffline(true);
  await drop(page, example);
  await loaded(page);
  assert.equal((await winner(page, "replicaCount")).marked, "5");
  await page.locator(".environments button", { hasText: "dev" }).click();
  await page.waitForFunction(() => document.querySelector(".title h1 .name").textContent === "customer-01-product-a-dev");
});

test("the page starts again without a network", async () => {
  const page = await strata.open({ fragment: customer });
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (!(await caches.keys()).length || !(await caches.match("./"))) await new Promise((wait) => setTimeout(wait, 50));
  });
  await page.reload();
  await page.context().setOffline(true);
  await page.reload();
  assert.equal((await winner(page, "replicaCount")).marked, "5");
});

test("the whole download is less than 1.5 MB", () => {
  const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
  const sizes = readdirSync(dist).map((file) => [file, gzipSync(readFileSync(join(dist, file)), { level: 9 }).length]);
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  console.log(`download: ${(total / 1e6).toFixed(2)} MB gzip`);
  assert.ok(total < 1_500_000, JSON.stringify(sizes));
});
