// Everybody can use the page: no violations of axe-core, and nothing to scroll sideways on a telephone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, afterEach, before, test } from "node:test";
import { picture, start } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const customer = "customer-01-product-a-prod?set=product-by-environment";
const states = {
  explore: `#/explore/${customer}&key=replicaCount`,
  about: `#/explore/${customer}`,
  yaml: `#/explore/${customer}&show=yaml`,
  removed: `#/explore/${customer}&show=removed`,
  file: `#/explore/${customer}&key=replicaCount&file=customer-configs:customers/customer-01/product-a/values.yaml:2`,
  manifests: `#/manifests/${customer}`,
  line: `#/manifests/${customer}&line=0.5`,
  trace: `#/trace/${customer}`,
  "trace of a value": `#/trace/${customer}&key=replicaCount&layer=3`,
  clusters: "#/clusters?cluster=prod&namespace=customer-01-product-a-prod&object=Deployment/customer-01-product-a-prod/apps",
  problems: "#/problems?problem=0",
  changes: "#/changes?with=argocd-3.4",
  sets: "#/sets",
  nowhere: "#/explore/no-such-application",
};
let strata;
before(async () => (strata = await start()));
afterEach(() => strata.close());
after(() => strata.end());

const settled = async (page, name) => {
  await page.waitForSelector(name === "nowhere" ? ".nothing-here" : name === "clusters" ? ".touched" : ".row, .problem-row, .yaml, .text .line, .change-list, .manifest-row, .chain, .sections");
  await page.waitForTimeout(250);
};

// axe is put in by the debugger, which the policy of the page does not bind.
const violations = async (page) => {
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).slice(0, 4).join(" | ")}`);
};

for (const theme of ["light", "dark"]) {
  for (const [name, fragment] of Object.entries(states)) {
    test(`${name}, ${theme}: no violations`, async () => {
      const page = await strata.open({ fragment, theme, ready: false });
      await settled(page, name);
      await picture(page, `${name}-${theme}`);
      assert.deepEqual(await violations(page), []);
    });
  }

  test(`dialogs, ${theme}: no violations`, async () => {
    const page = await strata.open({ theme });
    await page.getByRole("button", { name: "Open…" }).click();
    await page.waitForSelector(".open-dialog");
    await picture(page, `open-${theme}`);
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("image");
    await page.waitForSelector(".search-dialog li");
    await picture(page, `search-${theme}`);
    assert.deepEqual(await violations(page), []);
  });
}

for (const [name, fragment] of Object.entries(states)) {
  test(`${name}: nothing to scroll sideways at 360 pixels`, async () => {
    const page = await strata.open({ fragment, width: 360, height: 740, ready: false });
    await settled(page, name);
    await picture(page, `${name}-360`);
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok((await wide()) <= 360, `${await wide()} pixels`);
    const list = page.locator(".to-list");
    if (await list.count()) {
      await list.click();
      await page.waitForSelector(".listed .scope");
      await picture(page, `${name}-list-360`);
      assert.ok((await wide()) <= 360, `${await wide()} pixels with the list`);
    }
  });
}
