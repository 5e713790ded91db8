// A repository with one chart and an Application that takes prod.yaml.
import { join } from "node:path";

/** Writes it, with these files in the chart's folder; its path. */
export const writeWeb = (strata, files) => {
  const chart = Object.entries(files).map(([path, text]) => [`web-configs/chart/${path}`, text]);
  const folder = strata.folder({
    "web-configs/apps/web.yaml": `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  project: default
  destination: {server: https://kubernetes.default.svc, namespace: shop}
  source: {repoURL: http://localhost:7990/scm/test/web-configs.git, path: chart, targetRevision: HEAD, helm: {valueFiles: [prod.yaml]}}
`,
    "web-configs/chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "web-configs/chart/values.yaml": "",
    "web-configs/chart/prod.yaml": "",
    ...Object.fromEntries(chart),
  });
  return join(folder, "web-configs");
};
