// How an Application comes about, from its generator to the files of its layers.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { drop, picture, start } from "./browser.mjs";

let strata;
before(async () => (strata = await start()));
afterEach(() => strata.close());
after(() => strata.end());

test("the chain of customer-01's product-a in prod", async () => {
  const page = await strata.open({ fragment: "#/explore/customer-01-product-a-prod?set=product-by-environment" });
  await page.locator(".tabs a", { hasText: "Trace" }).click();
  await page.waitForSelector(".chain .of-layer");
  const steps = await page.locator(".chain h2").allInnerTexts();
  assert.match(steps[0], /Set product-by-environment\s+matrix\(git files, list\)/);
  assert.match(await page.locator(".link").first().innerText(), /12-product-by-environment-set\.yaml:9:1/);
  await page.locator(".chain summary", { hasText: "parameters" }).click();
  assert.match(await page.locator(".chain .parameters").innerText(), /environment\s+prod\s+list\s+.*12-product-by-environment-set\.yaml:34:/);
  const layer = page.locator(".of-layer", { hasText: "Product prod" });
  assert.match(await layer.locator("h2").innerText(), /9 values/);
  assert.match(await layer.locator(".field-name").innerText(), /spec\.sources\[0\]\.helm\.valueFiles\[1\]\s.*:58:/);
  assert.equal(await layer.locator(".field-value").innerText(), "$values/products/product-a/environments/prod.yaml");
  assert.deepEqual(await layer.locator(".field-value mark").allInnerTexts(), ["product-a", "prod"]);
  assert.match(await layer.locator(".parts").innerText(), /\{\{ \.environment \}\} → prod environment, list .*:34:/);
  assert.match(await layer.locator(".reference").innerText(), /\$values is source 1: http.*customer-configs\.git at main/);
  await picture(page, "trace");
  await layer.locator(".file-of .place").click();
  await page.waitForSelector(".text .line");
  assert.match(await page.locator(".file-head h2").innerText(), /customer-configs \/ products\/product-a\/environments\/prod\.yaml/);
  assert.deepEqual(page.troubles, []);
});

test("a broken chain shows where it breaks and what was close, and problems lead to it", async () => {
  const folder = strata.folder({
    "team/set.yaml": `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: shops}
spec:
  generators:
    - list: {elements: [{name: north, stage: prod}]}
  template:
    metadata: {name: 'shop-{{name}}'}
    spec:
      project: default
      destination: {server: https://kubernetes.default.svc, namespace: shop}
      source:
        repoURL: http://localhost:7990/scm/test/team.git
        path: chart
        targetRevision: HEAD
        helm: {valueFiles: ['../shops/{{name}}/{{stage}}.yaml']}
`,
    "team/chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "team/chart/values.yaml": "size: 1\n",
    "team/shops/north/prd.yaml": "size: 2\n",
  });
  const page = await strata.open({ fragment: "#/problems" });
  await drop(page, join(folder, "team"));
  // The example's problems stand there until the dropped files are evaluated.
  await page.locator(".problem-row.error", { hasText: "shops/north" }).click();
  await page.locator(".touched a", { hasText: "trace" }).first().click();
  const broken = page.locator(".of-layer.broken");
  await broken.waitFor();
  assert.match(await broken.locator(".remark-of").innerText(), /missing.*close is shops\/north\/prd\.yaml/);
  assert.match(await page.locator(".link.broken", { hasText: "Here it breaks" }).innerText(), /prod\.yaml/);
  await picture(page, "trace-broken");
});

test("from a write to how its layer comes about, to the merge, and back", async () => {
  const page = await strata.open({
    fragment: "#/explore/customer-01-product-a-prod?set=product-by-environment&key=resources.requests.cpu",
  });
  await page.locator(".cascade .loses", { hasText: "Product prod" }).locator("a", { hasText: "trace" }).click();
  const layer = page.locator(".chosen-layer");
  await layer.waitFor();
  assert.match(await layer.innerText(), /Product prod.*valueFiles\[1\].*resources\.requests\.cpu: 200m.*prod\.yaml:\d+:\d+ is overridden/s);
  const value = page.locator(".of-value");
  assert.match(await value.locator("h2").innerText(), /Value resources\.requests\.cpu/);
  const steps = await value.locator(".merge-steps li").allInnerTexts();
  assert.match(steps[0], /Chart defaults 25m products\/product-a\/values\.yaml:\d+/);
  assert.match(steps.at(-1), /500m.*wins/s);
  await picture(page, "trace-of-value");
  await value.locator("a", { hasText: "Back to its history" }).click();
  await page.waitForSelector(".cascade-view .wins");
  assert.deepEqual(page.troubles, []);
});
