// From a line of a manifest to the template and the values, and from a value to every line.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { drop, loaded, picture, start, winner } from "./browser.mjs";
import { writeWeb } from "./web.mjs";

const customer = "customer-01-product-a-prod?set=product-by-environment";
let strata;
before(async () => (strata = await start()));
afterEach(() => strata.close());
after(() => strata.end());

const open = async (files, fragment) => {
  const page = await strata.open({ fragment, ready: false });
  await page.waitForSelector(".nothing-here, .title h1");
  await drop(page, writeWeb(strata, files));
  return page;
};

const line = (page, text) => page.locator(".manifest-row.of-line", { hasText: text }).first();

test("a line leads to the action that wrote it, to its values, and to their history", async () => {
  const page = await strata.open({ fragment: `#/explore/${customer}` });
  await page.locator(".tabs a", { hasText: "Manifests" }).click();
  await page.waitForSelector(".manifest-row.of-line");
  const headings = await page.locator(".of-cluster, .of-namespace, .of-manifest").allInnerTexts();
  assert.match(headings[0], /prod\s+\d manifests/);
  assert.match(headings[1], /namespace customer-01-product-a-prod/);
  await page.getByLabel("Filter lines").fill("image: ");
  await line(page, "image: ").click();
  const detail = page.locator(".line-detail");
  await detail.locator("h2", { hasText: "Deployment/customer-01-product-a-prod" }).waitFor();
  const action = detail.locator("section", { hasText: ".Values.image.tag" }).first();
  assert.match(await action.locator(".place").first().innerText(), /templates\/deployment\.yaml:\d+:\d+/);
  const tag = detail.locator(".read-values li", { hasText: "image.tag" }).first();
  assert.match(await tag.locator("code").innerText(), /2\.5\.0/);
  assert.match(await tag.locator(".place").innerText(), /^values\.yaml:9:/);
  await picture(page, "manifests-line");
  await tag.locator("a.path").click();
  const history = await winner(page, "image.tag");
  assert.match(history.place, /^values\.yaml:9:/);
  assert.deepEqual(page.troubles, []);
});

test("a value leads to every line that it reaches", async () => {
  const page = await strata.open({ fragment: `#/explore/${customer}&key=image.tag` });
  const used = page.locator(".used-by li").first();
  await used.waitFor();
  assert.match(await used.locator(".place").innerText(), /templates\/.+:\d+/);
  await picture(page, "used-by");
  const name = await used.locator(".object a").innerText();
  await used.locator(".object a").click();
  await page.waitForSelector(".manifest-row.chosen");
  assert.ok((await page.locator(".line-detail h2").innerText()).startsWith(name.split(" ")[0]));
  await page.locator(".chip", { hasText: "From image.tag" }).click();
  await page.waitForFunction(() => location.hash.includes("show=reached"));
  const lines = await page.locator(".manifest-row.of-line .code").allInnerTexts();
  assert.ok(lines.length > 0 && lines.every((text) => text.includes("2.5.0")), lines.join("\n"));
});

test("the keyboard walks and folds, and the detail follows", async () => {
  const page = await strata.open({ fragment: `#/manifests/${customer}`, ready: false });
  await page.waitForSelector(".manifest-row.of-line");
  await page.locator(".manifests").focus();
  await page.keyboard.press("Home");
  await page.waitForSelector(".manifest-row.of-manifest.chosen[aria-expanded='true']");
  await page.keyboard.press("ArrowDown");
  await page.waitForSelector(".manifest-row.of-line.chosen");
  await page.keyboard.press("ArrowLeft");
  await page.waitForSelector(".manifest-row.of-manifest.chosen");
  await page.keyboard.press("ArrowLeft");
  await page.waitForSelector(".manifest-row.of-manifest.chosen[aria-expanded='false']");
  await page.keyboard.press("End");
  await page.waitForFunction(() => {
    const rows = document.querySelector(".manifests").getAttribute("aria-rowcount");
    return document.querySelector(".manifest-row.chosen")?.getAttribute("aria-rowindex") === rows;
  });
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "chosen");
});

test("what is made up is marked, and what is never read or never set is told", async () => {
  const page = await open(
    {
      "values.yaml": "size: 1\n",
      "prod.yaml": "# nobody reads it\nspare: unused\n",
      "templates/secret.yaml":
        'apiVersion: v1\nkind: Secret\nmetadata: {name: web}\nstringData:\n  password: "{{ randAlphaNum 12 }}"\n  size: {{ .Values.size | quote }}\n  more: "{{ .Values.missing }}"\n',
    },
    "#/manifests/web",
  );
  const made = page.locator(".manifest-row", { hasText: "password" });
  await made.locator(".made-up").waitFor();
  assert.match(await made.locator(".origin").innerText(), /made up/);
  assert.match(await page.locator(".made-up-note").innerText(), /randAlphaNum/);
  await page.locator(".remarks summary", { hasText: "1 value no template reads" }).click();
  assert.match(await page.locator(".remarks").innerText(), /spare/);
  await page.locator(".remarks summary", { hasText: "1 key read that nobody sets" }).click();
  assert.match(await page.locator(".remarks").innerText(), /missing\s+chart\/templates\/secret\.yaml:7:/);
  await picture(page, "manifests-made-up");
  await page.locator(".chip", { hasText: "Made up 1" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".manifest-row.of-line").length === 1);
  await page.goto(strata.address + "#/problems");
  const unread = page.locator(".problem-row", { hasText: "spare is set here, and no template of any Application reads it" });
  await unread.waitFor();
  await unread.click();
  assert.match(await page.locator(".inspector .place").first().innerText(), /chart\/prod\.yaml:2:/);
});

test("an error of a template is told in Go's words, with who removed the value", async () => {
  const page = await open(
    {
      "values.yaml": "image: {settings: {tag: 1}}\n",
      "prod.yaml": "image: {settings: null}\n",
      "templates/_helpers.tpl": '{{- define "tag" -}}{{ .Values.image.settings.tag }}{{- end -}}\n',
      "templates/pod.yaml": 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {image: {{ include "tag" . }}}\n',
    },
    "#/manifests/web",
  );
  const error = page.locator(".not-rendered");
  await error.waitFor();
  const text = await error.innerText();
  assert.match(text, /nil pointer evaluating interface \{\}\.tag/);
  assert.match(text, /chart\/templates\/_helpers\.tpl:1:/);
  assert.match(text, /prod\.yaml:1:/, "who removed it");
  await picture(page, "manifests-error");
});

// The aim is no task over 50 ms on a quiet machine; a clock decides no test.
test("100,000 lines scroll like any list", async () => {
  const page = await open(
    { "templates/large.yaml": 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large}\ndata:\n{{- range until 100000 }}\n  key-{{ . }}: "{{ $.Release.Name }}"\n{{- end }}\n' },
    "#/manifests/web",
  );
  await page.evaluate(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ entryTypes: ["longtask"] });
  });
  await page.waitForSelector(".manifests[aria-busy='false']");
  assert.ok(Number(await page.locator(".manifests").getAttribute("aria-rowcount")) > 100_000);
  await page.locator(".manifests").focus();
  await page.keyboard.press("End");
  await line(page, 'key-99999: "web"').waitFor();
  assert.ok((await page.locator(".manifest-row").count()) < 200, "only what is in sight is in the document");
  const tasks = await page.evaluate(() => globalThis.longTasks);
  console.log(`manifests of 100,000 lines: longest task ${Math.round(Math.max(0, ...tasks))} ms`);
});

test("whoever moves on is answered at once", async () => {
  const page = await open(
    { "values.yaml": "size: 1\n", "templates/large.yaml": 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large}\ndata:\n{{- range until 50000 }}\n  key-{{ . }}: "{{ $.Values.size }}"\n{{- end }}\n' },
    "#/manifests/web",
  );
  await page.waitForSelector(".manifest-row");
  await page.locator(".tabs a", { hasText: "Values" }).click();
  await page.locator(".row", { hasText: "size" }).click();
  assert.equal((await winner(page, "size")).marked, "1");
  await loaded(page);
});
