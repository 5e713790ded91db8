//! From lines of manifests to templates and values, and back.

use crate::input;
use expect_test::expect;
use strata::report::{Session, key_path, text};

const PLATFORM: &str = r#"# path: shop/app.yaml
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop, namespace: argocd}
spec:
  project: default
  destination: {server: https://kubernetes.default.svc, namespace: shop}
  source:
    repoURL: https://example.com/shop.git
    path: chart
    targetRevision: HEAD
    helm:
      valueFiles: [prod.yaml]
# path: shop/chart/Chart.yaml
apiVersion: v2
name: shop
version: 1.0.0
# path: shop/chart/values.yaml
image: {repository: nginx, tag: "1.0"}
resources: {}
labels: {}
metrics: {enabled: false, port: 9090}
hosts: []
greeting: "hello {{ .Release.Name }}"
unused: 1
# path: shop/chart/prod.yaml
image: {tag: "1.2"}
resources:
  limits: {cpu: 2, memory: 1Gi}
metrics: {enabled: true}
hosts:
  - name: a.example
    note: nobody asks
  - name: b.example
# path: shop/chart/templates/_helpers.tpl
{{- define "shop.labels" -}}
app: {{ .Release.Name }}
version: {{ .Values.image.tag | quote }}
{{- end }}
# path: shop/chart/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Values.name | default .Release.Name }}
  labels:
    {{- include "shop.labels" . | nindent 4 }}
spec:
  image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
  resources:
    {{- toYaml .Values.resources | nindent 4 }}
  greeting: {{ tpl .Values.greeting . }}
  {{- if and .Values.metrics.enabled .Values.image.tag }}
  port: {{ .Values.metrics.port }}
  {{- end }}
  {{- range .Values.hosts }}
  host: {{ .name }}
  {{- end }}
  zone: {{ .Values.zone }}
"#;

fn shop() -> Session {
    input::written(PLATFORM)
}

fn reached(session: &Session, key: &str) -> String {
    let manifests = session.manifests(input::position(session, "shop"), 0).expect("it is a chart");
    text::reached(&manifests.reached(&key_path::parse(key).expect("the key is well formed")))
}

#[test]
fn every_line_tells_its_template_and_values() {
    let session = shop();
    let manifests = session.manifests(input::position(&session, "shop"), 0).expect("it is a chart");
    expect![[r#"
        ---
        # Source: shop/templates/deployment.yaml
        apiVersion: apps/v1                                           # shop/chart/templates/deployment.yaml:1
        kind: Deployment                                              # shop/chart/templates/deployment.yaml:2
        metadata:                                                     # shop/chart/templates/deployment.yaml:3
          name: shop                                                  # shop/chart/templates/deployment.yaml:4
          labels:                                                     # shop/chart/templates/deployment.yaml:5
            app: shop                                                 # shop/chart/templates/_helpers.tpl:2
            version: "1.2"                                            # shop/chart/templates/_helpers.tpl:3; image.tag (prod.yaml shop/chart/prod.yaml:1:14)
        spec:                                                         # shop/chart/templates/deployment.yaml:7
          image: "nginx:1.2"                                          # shop/chart/templates/deployment.yaml:8; image.tag (prod.yaml shop/chart/prod.yaml:1:14); image.repository (Chart defaults shop/chart/values.yaml:1:21)
          resources:                                                  # shop/chart/templates/deployment.yaml:9
            limits:                                                   # shop/chart/templates/deployment.yaml:10; resources.limits (prod.yaml shop/chart/prod.yaml:3:11)
              cpu: 2                                                  # shop/chart/templates/deployment.yaml:10; resources.limits.cpu (prod.yaml shop/chart/prod.yaml:3:17)
              memory: 1Gi                                             # shop/chart/templates/deployment.yaml:10; resources.limits.memory (prod.yaml shop/chart/prod.yaml:3:28)
          greeting: hello shop                                        # shop/chart/templates/deployment.yaml:11; greeting (Chart defaults shop/chart/values.yaml:6:11)
          port: 9090                                                  # shop/chart/templates/deployment.yaml:13; metrics.port (Chart defaults shop/chart/values.yaml:4:33)
          host: a.example                                             # shop/chart/templates/deployment.yaml:16; hosts.0.name (prod.yaml shop/chart/prod.yaml:6:11)
          host: b.example                                             # shop/chart/templates/deployment.yaml:16; hosts.1.name (prod.yaml shop/chart/prod.yaml:8:11)
          zone:                                                       # shop/chart/templates/deployment.yaml:18

        Set, and read by no template
          hosts.0.note (prod.yaml shop/chart/prod.yaml:7:11)
          labels (Chart defaults shop/chart/values.yaml:3:9)
          unused (Chart defaults shop/chart/values.yaml:7:9)

        Read, and set by no layer
          zone  shop/chart/templates/deployment.yaml:18:12
    "#]].assert_eq(&text::manifests(&manifests));
}

#[test]
fn a_value_tells_the_lines_that_it_reaches() {
    let session = shop();
    expect![[r#"

        Reaches
          Deployment shop (shop/templates/deployment.yaml)
               7      version: "1.2"
               9    image: "nginx:1.2"
              15    port: 9090  (decides)
    "#]]
    .assert_eq(&reached(&session, "image.tag"));
    expect![[r#"

        Reaches
          Deployment shop (shop/templates/deployment.yaml)
              11      limits:
              12        cpu: 2
    "#]]
    .assert_eq(&reached(&session, "resources.limits.cpu"));
    expect![[r#"

        Reaches
          Deployment shop (shop/templates/deployment.yaml)
              15    port: 9090  (decides)
    "#]]
    .assert_eq(&reached(&session, "metrics.enabled"));
    expect![[r#"

        Reaches
          Deployment shop (shop/templates/deployment.yaml)
              17    host: b.example
    "#]]
    .assert_eq(&reached(&session, "hosts[1].name"));
}

#[test]
fn an_error_about_nil_tells_why_it_is_nil() {
    let removed = PLATFORM.replace("metrics: {enabled: true}", "image: null\nmetrics: {enabled: true}");
    let removed = removed.replace("image: {tag: \"1.2\"}\n", "");
    let unset = PLATFORM.replace(".Values.image.repository", ".Values.images.repository");
    let mut told = String::new();
    for platform in [removed, unset] {
        let session = input::written(&platform);
        let manifests = session.manifests(input::position(&session, "shop"), 0).expect("it is a chart");
        let error = manifests.error.expect("it fails");
        told.push_str(&format!("{}\n", error.message));
        for related in error.related {
            told.push_str(&format!("  {}: {}\n", text::line_of(&related.place), related.message));
        }
        for hint in error.hints {
            told.push_str(&format!("  hint: {hint}\n"));
        }
    }
    expect![[r#"
        shop/templates/deployment.yaml:6:8
          executing "shop/templates/deployment.yaml" at <include "shop.labels" .>:
            error calling include:
        shop/templates/_helpers.tpl:3:19
          executing "shop.labels" at <.Values.image.tag>:
            nil pointer evaluating interface {}.tag
          shop/chart/templates/deployment.yaml:6:9: called from `shop/templates/deployment.yaml` here
          shop/chart/prod.yaml:3:8: prod.yaml says so here
          hint: a null removes `image`: prod.yaml does
        shop/templates/deployment.yaml:8:20
          executing "shop/templates/deployment.yaml" at <.Values.images.repository>:
            nil pointer evaluating interface {}.repository
          hint: no layer ever sets `images`
    "#]]
    .assert_eq(&told);
}

#[test]
fn rendering_all_tells_what_is_repeated_and_what_nothing_reads() {
    let again = PLATFORM.replace(
        "# path: shop/chart/Chart.yaml",
        "# path: shop/other.yaml\n\
         apiVersion: argoproj.io/v1alpha1\n\
         kind: Application\n\
         metadata: {name: both}\n\
         spec:\n  project: default\n  destination: {name: in-cluster, namespace: shop}\n  sources:\n    \
         - {repoURL: https://example.com/shop.git, path: chart, targetRevision: HEAD}\n    \
         - {repoURL: https://example.com/shop.git, path: chart, targetRevision: HEAD, helm: {valueFiles: [prod.yaml]}}\n\
         # path: shop/chart/Chart.yaml",
    );
    let session = input::written(&again);
    let told: Vec<String> = session
        .render(0..session.evaluation().applications.len())
        .diagnostics(session.evaluation())
        .iter()
        .map(ToString::to_string)
        .collect();
    expect![[r#"
        both yields Deployment shop/both 2 times: source 0: shop/templates/deployment.yaml:1, source 1: shop/templates/deployment.yaml:1
        hosts.0.note is set here, and no template of any Application reads it
        zone is read here, and no layer of any Application sets it"#]].assert_eq(&told.join("\n"));
}
