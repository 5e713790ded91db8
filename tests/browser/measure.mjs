// Measures the page on a platform of any size against the native program, in one run:
//
//   node tests/browser/measure.mjs FOLDER…
//
// Each FOLDER holds the repositories of a platform. Needs `make dist`, and `cargo build --release` for the
// program. Not part of the tests: a clock decides none of these.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { drop, start } from "./browser.mjs";

const program = join(dirname(fileURLToPath(import.meta.url)), "../../target/release/strata");

/** `strata check`: its time in seconds, alone and on all processors together, and its peak memory in MB. */
const native = (folder) => {
  const clock = ["/usr/bin/time", ["-f", "peak %M, processors %U %S", program, "check", folder]];
  const from = performance.now();
  const run = spawnSync(...(existsSync(clock[0]) ? clock : [program, ["check", folder]]), { encoding: "utf8", maxBuffer: 2 ** 30 });
  const seconds = (performance.now() - from) / 1000;
  const [, peak, user, system] = /peak (\d+), processors (\S+) (\S+)/.exec(run.stderr) ?? [];
  return { seconds, processors: Number(user) + Number(system), peak: Number(peak) / 1024, says: run.stdout.trim().split("\n").at(-1) };
};

/** Seconds of all processors that the browser, and the page with its engine, have taken so far. */
const processors = async (browser) => {
  const { processInfo } = await browser.send("SystemInfo.getProcessInfo");
  const of = (types) => processInfo.filter(({ type }) => types.includes(type)).reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  return { browser: of(["browser"]), page: of(["renderer"]) };
};

/** Memory of the largest process of a page with its worker, in MB: now, and at most so far. */
const memory = async (browser) => {
  const { processInfo } = await browser.send("SystemInfo.getProcessInfo");
  const sizes = processInfo
    .filter((process) => process.type === "renderer")
    .map((process) => {
      const status = readFileSync(`/proc/${process.id}/status`, "utf8");
      return ["VmRSS", "VmHWM"].map((name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
    });
  return sizes.reduce((a, b) => (b[1] > a[1] ? b : a));
};

/** Watches how long the page is kept from answering, and how often it draws. */
const watch = (page) =>
  page.evaluate(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ entryTypes: ["longtask"] });
    globalThis.slowest = 0;
    let last = performance.now();
    const tick = (now) => {
      globalThis.slowest = Math.max(globalThis.slowest, now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });

const round = (number) => Math.round(number * 10) / 10;

const inPage = async (strata, folder) => {
  const page = await strata.open();
  const browser = await page.context().browser().newBrowserCDPSession();
  await page.waitForFunction(() => !document.querySelector(".rendering"));
  const [before] = await memory(browser);
  const foot = () => page.locator("footer").innerText();
  const example = await foot();
  await watch(page);
  const start = await processors(browser);
  const from = performance.now();
  await drop(page, ...readdirSync(folder).map((name) => join(folder, name)));
  await page.locator(".load-bar", { hasText: "Evaluating" }).waitFor({ timeout: 0 });
  const read = (performance.now() - from) / 1000;
  const reading = await processors(browser);
  await page.waitForFunction((example) => document.querySelector("footer").innerText !== example && !document.querySelector(".load-bar"), example, { timeout: 0 });
  await page.locator(".tree .row").first().waitFor();
  const values = (performance.now() - from) / 1000;
  const end = await processors(browser);
  const evaluated = /(\d+) applications in (\d+) ms/.exec(await foot());
  const loading = await page.evaluate(() => ({ longest: Math.max(0, ...globalThis.longTasks), slowest: globalThis.slowest }));
  const [settled, peak] = await memory(browser);
  await page.evaluate(() => ((globalThis.longTasks.length = 0), (globalThis.slowest = 0)));

  const rendering = performance.now();
  await page.locator(".views a", { hasText: "Clusters" }).click();
  await page.locator(".object").first().waitFor({ timeout: 0 });
  const rendered = (performance.now() - rendering) / 1000;
  const later = await page.evaluate(() => ({ longest: Math.max(0, ...globalThis.longTasks), slowest: globalThis.slowest }));
  const [, renderedPeak] = await memory(browser);
  await strata.close();
  return {
    applications: Number(evaluated?.[1]),
    "seconds from drop to values": round(values),
    "of these reading files": round(read),
    "of these evaluating": round(Number(evaluated?.[2]) / 1000),
    "processors while reading, browser and page": `${round(reading.browser - start.browser)} s, ${round(reading.page - start.page)} s`,
    "processors after that": `${round(end.browser - reading.browser)} s, ${round(end.page - reading.page)} s`,
    "longest task, ms": Math.round(loading.longest),
    "longest gap between frames, ms": Math.round(loading.slowest),
    "memory before, MB": Math.round(before),
    "memory with values, MB": Math.round(settled),
    "peak, MB": Math.round(peak),
    "seconds to render all": round(rendered),
    "longest task meanwhile, ms": Math.round(later.longest),
    "longest gap meanwhile, ms": Math.round(later.slowest),
    "peak after rendering, MB": Math.round(renderedPeak),
  };
};

for (const folder of process.argv.slice(2)) {
  const strata = await start();
  native(folder);
  const { seconds, processors, peak, says } = native(folder);
  const page = await inPage(strata, folder);
  console.log(`\n${folder}\n  strata check: ${round(seconds)} s, ${round(processors)} s on all processors, ${Math.round(peak)} MB; ${says}`);
  for (const [name, value] of Object.entries(page)) console.log(`  ${name}: ${value}`);
  console.log(`  evaluating, page / native: ${round(page["of these evaluating"] / seconds)}; from drop: ${round(page["seconds from drop to values"] / seconds)}`);
  await strata.end();
}
