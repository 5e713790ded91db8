// What no repository holds: fixtures, settings, and of which revision a folder is.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { copyExample, drop, loaded, picture, start, winner } from "./browser.mjs";

let strata;
before(async () => (strata = await start()));
afterEach(() => strata.close());
after(() => strata.end());

const team = () =>
  strata.folder({
    "team/set.yaml": `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: by-cluster}
spec:
  goTemplate: true
  generators:
    - clusters: {selector: {matchLabels: {env: prod}}}
  template:
    metadata: {name: 'web-{{ .name }}'}
    spec:
      project: default
      destination: {server: '{{ .server }}', namespace: web}
      source: {repoURL: http://localhost:7990/scm/test/team.git, path: chart, targetRevision: main}
`,
    "team/chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "team/chart/values.yaml": "size: 1\n",
    "fixtures.yaml": "clusters: [{name: moon, server: https://moon.example.com, labels: {env: prod}}]\nsettings:\n  helm.valuesFileSchemes: https, secrets\n",
  });

test("a set that asks for clusters offers a fixtures file, which is told where it is wrong", async () => {
  const page = await strata.open({ fragment: "#/sets", ready: false });
  await page.waitForSelector(".sections");
  await drop(page, join(team(), "team"));
  const unknown = page.locator(".fixtures .problem", { hasText: "clusters" });
  await unknown.waitFor();
  assert.match(await unknown.innerText(), /set\.yaml:7:/);
  assert.match(await unknown.innerText(), /labels: \{env: "prod"\}/, "what to supply");
  await page.getByRole("button", { name: "Start from what the sets ask for" }).click();
  const area = page.locator(".fixtures textarea");
  const starter = await area.inputValue();
  assert.match(starter, /env: prod/);
  await area.fill("");
  await page.locator(".views a", { hasText: "Explore" }).click();
  await page.locator(".nothing-here a", { hasText: "Write it as fixtures" }).click();
  assert.equal(await area.inputValue(), starter, "it is offered where nothing is shown");
  await page.locator(".views a", { hasText: "Problems" }).click();
  await page.locator(".problem-row", { hasText: "clusters" }).click();
  await page.locator(".inspector a", { hasText: "Write it as a fixture" }).click();
  assert.equal(await area.inputValue(), starter, "and where a problem is");
  await picture(page, "sets-unknown");

  await area.fill("clusters:\n  - name: sun\n    labels: [prod\n");
  await page.getByRole("button", { name: "Apply" }).click();
  const wrong = page.locator(".fixtures [role=status] .problem");
  await wrong.waitFor();
  assert.match(await wrong.innerText(), /fixtures\.yaml:[34]:/);
  assert.equal(await area.inputValue(), "clusters:\n  - name: sun\n    labels: [prod\n", "what was typed stays");
  await picture(page, "sets-wrong");

  await area.fill(starter.replaceAll("cluster-1", "sun"));
  await page.getByRole("button", { name: "Apply" }).click();
  await page.locator(".set-name", { hasText: "1 Application" }).waitFor();
  assert.equal(await wrong.count(), 0);
  await page.goto(strata.address + "#/explore");
  await page.waitForFunction(() => document.querySelector(".title h1 .name")?.textContent === "web-sun");
});

test("a dropped fixtures file applies, its settings with their place", async () => {
  const page = await strata.open({ fragment: "#/sets", ready: false });
  await page.waitForSelector(".sections");
  const settings = page.locator(".settings");
  assert.match(await settings.innerText(), /helm\.valuesFileSchemes\s+https,http\s+Argo CD’s default/);
  const folder = team();
  await drop(page, join(folder, "team"));
  await page.locator(".fixtures .problem").first().waitFor();
  await loaded(page);
  await drop(page, join(folder, "fixtures.yaml"));
  await page.locator(".set-name", { hasText: "1 Application" }).waitFor();
  assert.match(await page.locator(".fixtures textarea").inputValue(), /name: moon/);
  assert.match(await settings.innerText(), /helm\.valuesFileSchemes\s+https, secrets\s+fixtures\.yaml:3:/);
  await settings.locator(".place").click();
  await page.waitForFunction(() => /secrets/.test(document.querySelector(".text .marked")?.textContent));
});

test("a folder is given the name of its branch", async () => {
  const page = await strata.open({ fragment: "#/trace/customer-01-product-a-dev?set=product-by-environment", ready: false });
  await page.waitForSelector(".of-layer");
  const repository = page.locator(".repositories details", { hasText: "customer-configs" });
  await repository.locator("summary").click();
  const revision = repository.getByLabel("Revision");
  assert.equal(await revision.inputValue(), "");
  await revision.fill("develop");
  await revision.press("Enter");
  await repository.locator("summary .tag", { hasText: "develop" }).waitFor();
  await page.locator(".file-of", { hasText: "customer-configs@develop" }).first().waitFor();
  await picture(page, "revision");
});

test("one folder per branch: each Application reads that of its target revision", async () => {
  const page = await strata.open({ fragment: "#/explore/customer-01-product-a-dev?set=product-by-environment&key=replicaCount" });
  const values = "customer-configs/customers/customer-01/product-a/values.yaml";
  const branch = (name, replicas) => {
    const folder = strata.folder();
    copyExample(folder).replace(values, "replicaCount: 5", `replicaCount: ${replicas}`);
    const path = join(folder, `customer-configs@${name}`);
    renameSync(join(folder, "customer-configs"), path);
    return { path, infrastructure: join(folder, "platform-infrastructure") };
  };
  const develop = branch("develop", 21);
  const main = branch("main", 22);
  await drop(page, develop.path, main.path, main.infrastructure);
  const shows = async (replicas) => {
    await page.waitForFunction((text) => document.querySelector(".cascade-view .wins mark")?.textContent === text, replicas);
    assert.equal((await winner(page, "replicaCount")).marked, replicas);
  };
  const repository = page.locator(".repositories details", { hasText: "customer-configs" });
  await repository.locator("summary .tag", { hasText: "develop, main" }).waitFor();
  await page.goto(strata.address + "#/explore/customer-01-product-a-prod?set=product-by-environment&key=replicaCount");
  await shows("22");
  await page.locator(".environments button", { hasText: "dev" }).click();
  await page.locator(".title h1 .name", { hasText: "customer-01-product-a-dev" }).waitFor();
  await page.locator(".layer", { hasText: "values.yaml" }).first().waitFor();
  const text = await page.locator(".cascade-view").innerText();
  assert.match(text, /21/);
  await page.locator(".tabs a", { hasText: "Trace" }).click();
  await page.locator(".file-of", { hasText: "customer-configs@develop" }).first().waitFor();
  await picture(page, "revisions");
  // No folder is called staging: which one stands for it is told.
  await page.locator(".environments button", { hasText: "staging" }).click();
  await page.locator(".title h1 .name", { hasText: "customer-01-product-a-staging" }).waitFor();
  await page.locator(".chain").waitFor();
  await picture(page, "revisions-staging");
  assert.deepEqual(page.troubles, []);
});

test("an OCI artifact is a folder of its name, or an archive that is told its URL", async () => {
  const files = {
    "team/set.yaml": `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: of-artifact}
spec:
  goTemplate: true
  generators:
    - oci: {repoURL: 'oci://registry.example.com/team/artifact', revision: v1, directories: [{path: 'apps/*'}]}
  template:
    metadata: {name: 'run-{{ .path.basename }}'}
    spec:
      project: default
      destination: {server: 'https://kubernetes.default.svc', namespace: shop}
      source: {repoURL: 'oci://registry.example.com/team/artifact', targetRevision: v1, path: '{{ .path.path }}'}
`,
    "artifact/apps/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "artifact/apps/web/values.yaml": "size: 3\n",
  };
  const folder = strata.folder(files);
  const shown = async (page) => {
    await page.locator(".title h1 .name", { hasText: "run-web" }).waitFor();
    await page.locator(".tree .row", { hasText: "size" }).waitFor();
  };
  const page = await strata.open();
  await drop(page, join(folder, "team"), join(folder, "artifact"));
  await shown(page);

  const archive = join(folder, "download.tgz");
  execFileSync("tar", ["czf", archive, "-C", join(folder, "artifact"), "apps"]);
  const other = await strata.open();
  await drop(other, join(folder, "team"), archive);
  const repository = other.locator(".repositories details", { hasText: "download" });
  await repository.locator("summary").click();
  const url = repository.getByLabel(/repoURL/);
  await url.fill("oci://registry.example.com/team/artifact");
  await url.press("Enter");
  await shown(other);
  assert.deepEqual(other.troubles, []);
});
