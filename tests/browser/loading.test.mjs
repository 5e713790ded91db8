// Getting files onto the page: folders, zips, pasted text, and what is wrong with them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { copyExample, drop, loaded, start, winner } from "./browser.mjs";

const customer = "#/explore/customer-01-product-a-prod?set=product-by-environment&key=replicaCount";
const values = "customer-configs/customers/customer-01/product-a/values.yaml";
let strata;
before(async () => (strata = await start()));
afterEach(() => strata.close());
after(() => strata.end());

/** The example with customer-01 asking for `replicas` on line 3. */
const changed = (replicas) => {
  const folder = strata.folder();
  copyExample(folder).replace(values, "replicaCount: 5", `\nreplicaCount: ${replicas}`);
  return folder;
};

const showsReplicas = async (page, replicas) => {
  await page.waitForFunction((text) => document.querySelector(".cascade-view .wins mark")?.textContent === text, String(replicas));
  const shown = await winner(page, "replicaCount");
  assert.equal(shown.marked, String(replicas));
  assert.match(shown.place, /^values\.yaml:3:/);
};

test("two folders dropped at once", async () => {
  const page = await strata.open({ fragment: customer });
  const folder = changed(7);
  await drop(page, join(folder, "customer-configs"), join(folder, "platform-infrastructure"));
  await showsReplicas(page, 7);
  assert.deepEqual(page.troubles, []);
});

test("a folder that holds both repositories", async () => {
  const page = await strata.open({ fragment: customer });
  await drop(page, changed(8));
  await showsReplicas(page, 8);
});

/** Counts the files that the page opens itself and hands to its engine. */
const opened = async (page) => {
  await page.evaluate(() => {
    const engine = globalThis.strataEngine;
    const post = engine.postMessage.bind(engine);
    globalThis.opened = 0;
    engine.postMessage = (message) => {
      globalThis.opened += message?.body?.Files?.files.length ?? 0;
      post(message);
    };
  });
  return () => page.evaluate(() => globalThis.opened);
};

test("the engine reads dropped folders by itself", async () => {
  const page = await strata.open({ fragment: customer });
  const count = await opened(page);
  await drop(page, changed(11));
  await showsReplicas(page, 11);
  assert.equal(await count(), 0);
});

test("a browser without handles has its files opened by the page", async () => {
  const page = await strata.open({ fragment: customer });
  const count = await opened(page);
  await page.evaluate(() => delete DataTransferItem.prototype.getAsFileSystemHandle);
  const folder = changed(12);
  execFileSync("git", ["init", "-q", "-b", "trunk", join(folder, "customer-configs")]);
  await drop(page, join(folder, "customer-configs"), join(folder, "platform-infrastructure"));
  await showsReplicas(page, 12);
  assert.ok((await count()) > 20);
  assert.match(await page.locator(".repositories details", { hasText: "customer-configs" }).innerText(), /trunk/);
});

test("files of which no handle is given are read all the same", async () => {
  const page = await strata.open({ fragment: customer });
  const folder = changed(13);
  // Names of devices on some systems, which Chromium keeps from handles on all.
  mkdirSync(join(folder, "customer-configs/aux"));
  writeFileSync(join(folder, "customer-configs/aux/con.yaml"), "a: 1\n");
  const count = await opened(page);
  await drop(page, folder);
  await showsReplicas(page, 13);
  assert.ok((await count()) > 20);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("aux/con");
  await page.locator(".search-dialog li", { hasText: "aux/con.yaml" }).waitFor();
});

test("a picked folder", async () => {
  const page = await strata.open({ fragment: customer });
  await page.getByRole("button", { name: "Open…" }).click();
  await page.locator(".pick-folder").setInputFiles(changed(14));
  await showsReplicas(page, 14);
});

test("a file that can't be read is told and costs no others", async () => {
  const page = await strata.open({ fragment: customer });
  await page.workers()[0].evaluate(() => {
    const { getFile } = FileSystemFileHandle.prototype;
    const { arrayBuffer } = Blob.prototype;
    FileSystemFileHandle.prototype.getFile = function () {
      return this.name === "gone.yaml" ? Promise.reject(new DOMException("gone", "NotFoundError")) : getFile.call(this);
    };
    // As browsers do: what is made of several files can be read if each of them can.
    Blob.prototype.arrayBuffer = function () {
      const broken = !(this instanceof File) || this.name === "broken.yaml";
      return broken ? Promise.reject(new DOMException("broken", "NotReadableError")) : arrayBuffer.call(this);
    };
  });
  const folder = changed(15);
  for (const name of ["gone", "broken"]) writeFileSync(join(folder, `customer-configs/${name}.yaml`), "a: 1\n");
  await drop(page, folder);
  await showsReplicas(page, 15);
  const notice = await page.locator(".notice").innerText();
  assert.match(notice, /gone\.yaml could not be read/);
  assert.match(notice, /broken\.yaml could not be read/);
});

test("what is dropped while files are read comes in place of them", async () => {
  const page = await strata.open({ fragment: customer });
  await page.workers()[0].evaluate(() => {
    // A file of a drive that is away.
    const { getFile } = FileSystemFileHandle.prototype;
    FileSystemFileHandle.prototype.getFile = function () {
      return this.name === "away.yaml" ? new Promise(() => {}) : getFile.call(this);
    };
  });
  const away = changed(16);
  writeFileSync(join(away, "customer-configs/away.yaml"), "a: 1\n");
  await drop(page, away);
  await page.locator(".load-bar").waitFor();
  await drop(page, changed(17));
  await showsReplicas(page, 17);
});

test("zips, one for each repository", async () => {
  const page = await strata.open({ fragment: customer });
  const folder = changed(9);
  const zips = ["customer-configs", "platform-infrastructure"].map((name) => {
    const zip = join(folder, `${name}.zip`);
    writeFileSync(zip, zipOf(folder, name));
    return zip;
  });
  await drop(page, ...zips);
  await showsReplicas(page, 9);
});

test("pasted text with paths", async () => {
  const page = await strata.open();
  await page.getByRole("button", { name: "Open…" }).click();
  await page.locator(".paste textarea").fill(`# path: team-configs/apps/web.yaml
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  project: default
  destination: {server: https://kubernetes.default.svc, namespace: web}
  source:
    repoURL: http://localhost:7990/scm/test/team-configs.git
    path: chart
    targetRevision: HEAD
    helm:
      valueFiles: [values-prod.yaml]
# path: team-configs/chart/Chart.yaml
apiVersion: v2
name: web
version: 1.0.0
# path: team-configs/chart/values.yaml
size: 1
# path: team-configs/chart/values-prod.yaml
# more in prod
size: 2
`);
  await page.getByRole("button", { name: "Open the text" }).click();
  await page.waitForFunction(() => document.querySelector(".title h1 .name")?.textContent === "web");
  const size = await winner(page, "size");
  assert.equal(size.marked, "2");
  assert.match(size.place, /^values-prod\.yaml:2:/);
  assert.equal(size.losers.length, 1);
});

for (const [what, file, says] of [
  ["a broken zip", () => ["broken.zip", Buffer.from("PK\x03\x04 this is none")], /broken\.zip/],
  ["a zip with a path that leads out", () => ["evil.zip", zip([["../../evil.yaml", "a: 1\n"]])], /\.\./],
  ["a zip bomb", () => ["bomb.zip", zip([["bomb/a.yaml", Buffer.alloc(120_000_000, 97)]])], /bomb\.zip|5 MB/],
]) {
  test(`${what} is told and leaves what was there`, async () => {
    const page = await strata.open({ fragment: customer });
    const [name, bytes] = file();
    const folder = strata.folder();
    writeFileSync(join(folder, name), bytes);
    await drop(page, join(folder, name));
    await page.waitForSelector(".notice.broken");
    assert.match(await page.locator(".notice.broken").innerText(), says);
    assert.equal(await page.locator(".title h1 .name").innerText(), "customer-01-product-a-prod");
    assert.equal((await winner(page, "replicaCount")).marked, "5");
  });
}

test("text that is no UTF-8, binaries and large files are told as not read", async () => {
  const page = await strata.open({ fragment: customer });
  const folder = changed(6);
  const inside = join(folder, "customer-configs");
  writeFileSync(join(inside, "latin.yaml"), Buffer.from("name: M\xfcller\n", "latin1"));
  writeFileSync(join(inside, "logo.png"), Buffer.from([0x89, 0x50, 0, 0, 1, 2]));
  writeFileSync(join(inside, "large.yaml"), Buffer.alloc(6 * 1024 * 1024, 35));
  execFileSync("git", ["init", "-q", inside]);
  await drop(page, inside, join(folder, "platform-infrastructure"));
  await showsReplicas(page, 6);
  const repository = page.locator(".repositories details", { hasText: "customer-configs" });
  await repository.locator("summary").click();
  const skipped = await repository.locator(".skipped").innerText();
  for (const part of ["latin.yaml", "logo.png", "large.yaml", ".git", "larger than 5 MB", "binary"]) assert.ok(skipped.includes(part), `${part} in ${skipped}`);
});

test("an empty folder is told and leaves what was there", async () => {
  const page = await strata.open({ fragment: customer });
  await drop(page, strata.folder());
  await page.waitForSelector(".notice.broken");
  assert.equal((await winner(page, "replicaCount")).marked, "5");
});

test("a repository can stand for another URL", async () => {
  const page = await strata.open({ fragment: customer });
  const repository = page.locator(".repositories details", { hasText: "customer-configs" });
  await repository.locator("summary").click();
  const url = repository.getByLabel(/repoURL/);
  assert.equal(await url.inputValue(), "http://localhost:7990/scm/test/customer-configs.git");
  await url.fill("http://localhost:7990/scm/test/elsewhere.git");
  await url.press("Enter");
  await loaded(page);
  await page.waitForFunction(() => !document.querySelector(".application .name")?.textContent.includes("product-a"));
});

test("the example does not take away one's own files", async () => {
  const page = await strata.open({ fragment: customer });
  const own = strata.folder({ "team/app.yaml": application("own") });
  await drop(page, join(own, "team"));
  const name = (text) => page.locator(".title h1 .name", { hasText: text }).waitFor();
  await name("own");
  assert.equal(await page.locator(".put-aside").count(), 0, "there was but the example before");
  await page.getByRole("button", { name: "Open…" }).click();
  await page.getByRole("button", { name: "The example" }).click();
  const aside = page.locator(".put-aside", { hasText: "Your own files are put aside" });
  await aside.waitFor();
  await name("customer-01-product-a-prod");
  await aside.getByRole("button", { name: "Back to your files" }).click();
  await name("own");
  assert.equal(await aside.count(), 0);
  await page.getByRole("button", { name: "Open…" }).click();
  await page.getByRole("button", { name: "The example" }).click();
  await aside.waitFor();
  const more = strata.folder({ "more/app.yaml": application("more") });
  await drop(page, join(more, "more"));
  await aside.waitFor({ state: "detached" });
  assert.deepEqual(await page.locator(".application .name").allInnerTexts(), ["more", "own"]);
  assert.deepEqual(page.troubles, []);
});

const application = (name) => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ${name}}
spec:
  project: default
  destination: {server: https://kubernetes.default.svc, namespace: ${name}}
  source: {repoURL: https://git.example.com/team.git, path: chart}
`;

/** A zip of files, written as the format says; enough for tests. */
function zip(files) {
  const locals = [];
  const centrals = [];
  let offset = 0;
  for (const [name, content] of files) {
    const raw = Buffer.from(content);
    const packed = deflateRawSync(raw);
    const path = Buffer.from(name);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(0x800, 2);
    head.writeUInt16LE(8, 4);
    head.writeUInt32LE(crc(raw), 10);
    head.writeUInt32LE(packed.length, 14);
    head.writeUInt32LE(raw.length, 18);
    head.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), head, path, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    centrals.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), head, tail, path]));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, central, Buffer.from("PK\x05\x06"), end]);
}

function zipOf(folder, name) {
  const list = execFileSync("find", [name, "-type", "f"], { cwd: folder, encoding: "utf8" }).trim().split("\n");
  return zip(list.map((path) => [path, execFileSync("cat", [path], { cwd: folder })]));
}

function crc(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}
