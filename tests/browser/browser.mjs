// A real Chromium with the built page in it, served as a user's own server would.
//
// STRATA_SCREENSHOTS=folder keeps pictures of what the tests saw.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** The folder of the example platform. */
export const example = join(root, "examples/platform");

const executable = process.env.CHROMIUM || "/usr/bin/chromium";
const options = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the server of `make serve` on a free port; resolves to its address and a way to end it. */
const serve = async () => {
  const program = process.env.STRATA_SERVE || join(root, "target/release/serve");
  const server = spawn(program, [join(root, "dist"), "0"], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: server.stdout })) {
    const found = /http:\/\/localhost:\d+\//.exec(line);
    if (found) return { address: found[0], end: () => server.kill() };
  }
  throw new Error(`${program} did not start; make dist builds it`);
};

/** A browser, a server and temporary folders, all of which `end` takes away again. */
export const start = async () => {
  const server = await serve();
  const browser = await chromium.launch({ executablePath: executable, args: options });
  const folders = [];
  let contexts = [];
  return {
    address: server.address,

    /** A page in a profile of its own. */
    open: async ({ fragment = "", width = 1440, height = 900, theme = "light", ready = true } = {}) => {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
      contexts.push(context);
      await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.address.slice(0, -1) });
      const page = await context.newPage();
      // A busy machine is slow, not wrong.
      page.setDefaultTimeout(Number(process.env.STRATA_TIMEOUT || 240_000));
      page.troubles = [];
      page.on("pageerror", (error) => page.troubles.push(error.message));
      page.on("console", (message) => message.type() === "error" && page.troubles.push(message.text()));
      await page.goto(server.address + fragment);
      if (ready) await page.waitForSelector(".tree .row, .problem-row");
      return page;
    },

    /** Closes all pages, so that none works on behind another test's back. */
    close: async () => {
      await Promise.all(contexts.map((context) => context.close()));
      contexts = [];
    },

    /** A new folder; `files` are its contents by path. */
    folder: (files = {}) => {
      const folder = mkdtempSync(join(tmpdir(), "strata-"));
      folders.push(folder);
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      return folder;
    },

    end: async () => {
      await browser.close();
      server.end();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Drops files and folders of this machine onto the page, as a hand with a mouse would. */
export const drop = async (page, ...paths) => {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await session.send("Input.dispatchDragEvent", { type, x: 500, y: 400, data });
  }
  await session.detach();
};

/** Waits until a load is over. */
export const loaded = async (page) => {
  await page.waitForFunction(() => !document.querySelector(".load-bar"));
};

/** Copies the example into `folder`, with `replace(path, from, to)` to change it. */
export const copyExample = (folder) => {
  cpSync(example, folder, { recursive: true });
  return {
    replace: (path, from, to) => {
      const file = join(folder, path);
      const text = readFileSync(file, "utf8");
      if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
      writeFileSync(file, text.replace(from, to));
    },
  };
};

/** What the page shows of the chosen value: the verdict, and the winner with its place. */
export const winner = async (page, key) => {
  await page.waitForFunction((key) => document.querySelector(".cascade-view h2")?.textContent === key, key);
  const cascade = page.locator(".cascade-view");
  return {
    verdict: await cascade.locator(".verdict").innerText(),
    layer: await cascade.locator(".wins .head b").innerText(),
    place: await cascade.locator(".wins .place").innerText(),
    marked: await cascade.locator(".wins mark").first().innerText(),
    losers: await cascade.locator(".loses .head b").allInnerTexts(),
  };
};

/** Keeps a picture, if pictures are wanted. */
export const picture = async (page, name) => {
  const folder = process.env.STRATA_SCREENSHOTS;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
};
