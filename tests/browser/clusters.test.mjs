// What runs where: objects across Applications, and what rendering finds by itself.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { drop, loaded, picture, start } from "./browser.mjs";

let strata;
before(async () => (strata = await start()));
afterEach(() => strata.close());
after(() => strata.end());

const application = (name, path) => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ${name}, namespace: argocd}
spec:
  project: default
  destination: {server: https://kubernetes.default.svc, namespace: web}
  source: {repoURL: https://git.example.com/team.git, path: ${path}}
`;

const team = {
  "team/one.yaml": application("one", "chart"),
  "team/two.yaml": application("two", "plain"),
  "team/three.yaml": application("three", "kustom"),
  "team/four.yaml": application("four", "broken"),
  "team/chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
  "team/chart/templates/service.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  port: {{ .Values.port }}\n",
  "team/chart/values.yaml": "port: 80\n",
  "team/plain/a.yaml": "# the same again\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  size: '2' # as text\n",
  "team/plain/b.jsonnet": "{}\n",
  "team/kustom/kustomization.yaml": "resources: []\n",
  "team/broken/Chart.yaml": "apiVersion: v2\nname: broken\nversion: 1.0.0\n",
  "team/broken/templates/pod.yaml": '{{ fail "not like this" }}\n',
};

const dropTeam = async (fragment) => {
  const page = await strata.open({ fragment, ready: false });
  await page.locator(".of-repository").first().waitFor();
  await drop(page, join(strata.folder(team), "team"));
  await page.locator(".of-repository", { hasText: "team" }).waitFor();
  await loaded(page);
  return page;
};

test("the example by cluster and namespace, down to a manifest", async () => {
  const page = await strata.open();
  await page.locator(".views a", { hasText: "Clusters" }).click();
  await page.locator(".object").first().waitFor();
  await page.getByLabel("Filter namespaces").fill("customer-01");
  await page.locator(".clusters .application", { hasText: "customer-01" }).first().click();
  await page.getByLabel("Filter objects").fill("deployment");
  await page.locator(".object", { hasText: "Deployment" }).first().click();
  const made = page.locator(".inspector .touched li").first();
  await made.waitFor();
  assert.match(await made.innerText(), /customer-01.*source 0, .*templates\/deployment\.yaml:\d+/s);
  await picture(page, "clusters");
  await made.locator("a", { hasText: "manifest" }).click();
  await page.waitForSelector(".line-detail");
  assert.match(await page.locator(".line-detail h2").innerText(), /Deployment/);
  await page.goBack();
  await page.locator(".inspector .touched a", { hasText: "trace" }).first().click();
  await page.waitForSelector(".chain .of-layer");
  assert.deepEqual(page.troubles, []);
});

test("an object that two Applications make is told where it runs and among the problems", async () => {
  const page = await dropTeam("#/clusters");
  const web = page.locator(".object", { hasText: "Service" });
  await web.locator(".tag", { hasText: "made 2 times" }).waitFor();
  await web.click();
  assert.match(await page.locator(".inspector").innerText(), /Several Applications make it.*one.*service\.yaml:1.*two.*plain\/a\.yaml:2/s);
  await picture(page, "clusters-shared");
  await page.locator(".views a", { hasText: "Problems" }).click();
  await page.locator(".problem-row.warning", { hasText: "one and two yield the same object" }).click();
  assert.match(await page.locator(".inspector .hint").innerText(), /Service\/web is part of applications argocd\/one and argocd\/two/);
  assert.deepEqual(await page.locator(".touched li > a").allInnerTexts(), ["one", "two"]);
});

test("a plain folder shows what is applied, each line with its place; what can't be rendered says so", async () => {
  const page = await dropTeam("#/manifests/two");
  await page.locator(".manifest-row", { hasText: "size" }).click();
  const detail = page.locator(".line-detail");
  assert.match(await detail.innerText(), /size: "2".*Stands in the file.*plain\/a\.yaml:11:3/si);
  assert.match(await page.locator(".remarks").innerText(), /b\.jsonnet is Jsonnet, which is not evaluated here/);
  await picture(page, "manifests-plain");
  await page.locator(".application", { hasText: "three" }).click();
  assert.match(await page.locator(".not-rendered").innerText(), /kustom of .* is a Kustomize folder, which is not rendered here/);
});

test("an Application whose templates fail is marked before anybody asks", async () => {
  const page = await dropTeam("");
  await page.locator(".application .dot.error").waitFor();
  assert.match(await page.locator(".application", { hasText: "four" }).innerText(), /1 problem/);
  await page.locator(".application", { hasText: "four" }).click();
  await page.locator(".about-application .problem.error", { hasText: "not like this" }).waitFor();
});
