//! One test for each story.

use crate::input::{example, explain, position, problems};
use expect_test::expect;
use strata::report::{Problem, text};

#[test]
fn every_set_yields_what_its_comment_promises() {
    let session = example();
    let sets: Vec<String> = session
        .overview()
        .sets
        .iter()
        .map(|set| format!("{}: {} from {}\n", set.name, set.applications, set.generators))
        .collect();
    expect![[r#"
        product-customer-matrix: 34 from matrix(git files, git directories)
        product-by-environment: 102 from matrix(git files, list)
        customer-product-list: 34 from matrix(git files, list)
        customer-with-secrets: 2 from git files
        terraform-infrastructure: 2 from git directories
    "#]]
    .assert_eq(&sets.concat());
}

#[test]
fn the_documented_merge_flow() {
    let session = example();
    let application = "customer-01-product-a-prod";
    let flow = ["replicaCount", "resources.requests.cpu", "resources.requests.memory"]
        .map(|key| explain(&session, application, key));
    expect![[r#"
        replicaCount
        5, set by Customer (line 2), over 3 lower layers.
          # Northwind's storefront.
          note: replicaCount: 1 is what the layers below say already
            platform-infrastructure/products/product-a/values.yaml:3:15: set here by Chart defaults

          6 Inline values            (the Application has none)
          5 Customer prod            (does not set it)
        > 4 Customer               customer-configs/customers/customer-01/product-a/values.yaml:2:15
              5
          3 Product prod           customer-configs/products/product-a/environments/prod.yaml:2:15
              3
          2 Product base           customer-configs/products/product-a/base-values.yaml:2:15  (the same as below)
              1
          1 Chart defaults         platform-infrastructure/products/product-a/values.yaml:3:15
              1

        Schemas
          follows the chart schema: integer, 1 to 50  platform-infrastructure/products/product-a/values.schema.json:7:5
            Pods of the main deployment; ignored while autoscaling is on.
          follows the product schema: integer, 1 to 50  customer-configs/products/product-a/values.schema.json:7:5
            Pods of the main deployment; ignored while autoscaling is on.
          follows the customer schema: integer, 1 to 10  customer-configs/customers/customer-01/product-a/values.schema.json:6:5
            Northwind pays for at most ten pods.

        resources.requests.cpu
        "500m", set by Customer prod (line 4), over 3 lower layers.

          6 Inline values            (the Application has none)
        > 5 Customer prod          customer-configs/customers/customer-01/product-a/environments/prod.yaml:4:10
              500m
          4 Customer                 (does not set it)
          3 Product prod           customer-configs/products/product-a/environments/prod.yaml:6:10
              200m
          2 Product base           customer-configs/products/product-a/base-values.yaml:6:10
              50m
          1 Chart defaults         platform-infrastructure/products/product-a/values.yaml:22:10
              25m

        Schemas
          follows the chart schema: string, matching `^[0-9]+m?$`  platform-infrastructure/products/product-a/values.schema.json:58:9
            Kubernetes CPU quantity, e.g. 250m.
          follows the product schema: string, matching `^[0-9]+m?$`  customer-configs/products/product-a/values.schema.json:58:9
            Kubernetes CPU quantity, e.g. 250m.

        resources.requests.memory
        "512Mi", set by Customer (line 6), over 2 lower layers.

          6 Inline values            (the Application has none)
          5 Customer prod            (does not set it)
        > 4 Customer               customer-configs/customers/customer-01/product-a/values.yaml:6:13
              512Mi
          3 Product prod             (does not set it)
          2 Product base           customer-configs/products/product-a/base-values.yaml:7:13
              64Mi
          1 Chart defaults         platform-infrastructure/products/product-a/values.yaml:23:13
              32Mi

        Schemas
          follows the chart schema: string, matching `^[0-9]+(Ki|Mi|Gi)$`  platform-infrastructure/products/product-a/values.schema.json:59:9
            Kubernetes memory quantity, e.g. 512Mi.
          follows the product schema: string, matching `^[0-9]+(Ki|Mi|Gi)$`  customer-configs/products/product-a/values.schema.json:59:9
            Kubernetes memory quantity, e.g. 512Mi.
    "#]].assert_eq(&flow.join("\n"));
}

#[test]
fn the_layers_of_the_documented_application() {
    let session = example();
    let report = session.application(position(&session, "customer-01-product-a-prod")).expect("it is there");
    let layers = text::values(&report, &report.sources[0]);
    let layers: String =
        layers.lines().take_while(|line| *line != "Values").map(|line| format!("{line}\n")).collect();
    expect![[r#"
        customer-01-product-a-prod  chart product-a 1.0.0  release customer-01-product-a-prod  namespace customer-01-product-a-prod

        Layers, lowest precedence first
          1 Chart defaults         platform-infrastructure/products/product-a/values.yaml  42 values
          2 Product base           customer-configs/products/product-a/base-values.yaml  18 values
          3 Product prod           customer-configs/products/product-a/environments/prod.yaml  9 values
          4 Customer               customer-configs/customers/customer-01/product-a/values.yaml  13 values
          5 Customer prod          customer-configs/customers/customer-01/product-a/environments/prod.yaml  6 values
          6 Inline values            none

    "#]].assert_eq(&layers);
}

#[test]
fn a_list_is_replaced_and_the_lost_items_are_told() {
    expect![[r#"
        env
        a list of 2 items, set by Customer (line 27), over 2 lower layers.
          # Northwind's own list. Lists are replaced, not merged: LOG_SINKS and UPLOAD_LIMIT of the product are
          # gone with it.
          note: env: replaces a list and loses map[name:LOG_SINKS value:stdout,loki], map[name:SESSION_MINUTES value:30], map[name:UPLOAD_LIMIT value:8m]

          6 Inline values            (the Application has none)
          5 Customer prod            (does not set it)
        > 4 Customer               customer-configs/customers/customer-01/product-a/values.yaml:27:3  (replaces a list; 3 items lost)
              - name: SESSION_MINUTES
                value: "120"
              - name: CURRENCY
                value: EUR
              lost: name: LOG_SINKS
              lost: value: stdout,loki
              lost: name: SESSION_MINUTES
              lost: value: "30"
              lost: name: UPLOAD_LIMIT
              lost: value: 8m
          3 Product prod             (does not set it)
          2 Product base           customer-configs/products/product-a/base-values.yaml:31:3  (replaces a list)
              - name: LOG_SINKS
                value: stdout,loki
              - name: SESSION_MINUTES
                value: "30"
              - name: UPLOAD_LIMIT
                value: 8m
          1 Chart defaults         platform-infrastructure/products/product-a/values.yaml:71:6
              []
    "#]].assert_eq(&explain(&example(), "customer-01-product-a-prod", "env"));
}

#[test]
fn a_null_deletes_what_the_chart_gives() {
    let session = example();
    let both = ["podAnnotations", r#"podAnnotations["prometheus.io/port"]"#]
        .map(|key| explain(&session, "customer-01-product-a-prod", key));
    expect![[r#"
        podAnnotations
        Removed by Customer prod (line 11); it was a map of 2 keys from Chart defaults (line 17).

          6 Inline values            (the Application has none)
          5 Customer prod          customer-configs/customers/customer-01/product-a/environments/prod.yaml:11:17  (null removes what is below)
              null
          4 Customer                 (does not set it)
          3 Product prod             (does not set it)
          2 Product base             (does not set it)
          1 Chart defaults         platform-infrastructure/products/product-a/values.yaml:17:3
              prometheus.io/port: "9102"
              prometheus.io/scrape: "true"

        podAnnotations.prometheus.io/port
        Removed by Customer prod (line 11); it was "9102" from Chart defaults (line 18).

          6 Inline values            (the Application has none)
          5 Customer prod            (does not set it)
          4 Customer                 (does not set it)
          3 Product prod             (does not set it)
          2 Product base             (does not set it)
          1 Chart defaults         platform-infrastructure/products/product-a/values.yaml:18:23  (taken away with its parent by Customer prod)
              "9102"
    "#]].assert_eq(&both.join("\n"));
}

#[test]
fn a_value_repeats_what_it_overrides() {
    expect![[r#"
        autoscaling.targetCPU
        70, set by Customer prod (line 8), the same as below it; 2 layers under it.
          note: autoscaling.targetCPU: 70 is what the layers below say already
            customer-configs/products/product-a/environments/prod.yaml:17:14: set here by Product prod

          6 Inline values            (the Application has none)
        > 5 Customer prod          customer-configs/customers/customer-01/product-a/environments/prod.yaml:8:14  (the same as below)
              70
          4 Customer                 (does not set it)
          3 Product prod           customer-configs/products/product-a/environments/prod.yaml:17:14
              70
          2 Product base             (does not set it)
          1 Chart defaults         platform-infrastructure/products/product-a/values.yaml:44:14
              80

        Schemas
          follows the chart schema: integer, 1 to 100  platform-infrastructure/products/product-a/values.schema.json:43:9
            Mean CPU use to aim at, in percent.
          follows the product schema: integer, 1 to 100  customer-configs/products/product-a/values.schema.json:43:9
            Mean CPU use to aim at, in percent.
    "#]].assert_eq(&explain(&example(), "customer-01-product-a-prod", "autoscaling.targetCPU"));
}

#[test]
fn a_customer_breaks_its_own_stricter_schema() {
    let session = example();
    let mut text = explain(&session, "customer-03-product-a-prod", "replicaCount");
    text.push_str(&problems(&session, "customer-03-product-a-prod"));
    expect![[r#"
        replicaCount
        12, set by Customer prod (line 2), over 4 lower layers. It was valid until this layer.
          # Raised during the outage of 3 November; to be taken back after the review.
          error: replicaCount: 12 is above the maximum: the schema allows 1 to 8
            customer-configs/customers/customer-03/product-a/values.schema.json:10:7: the customer's schema says so
          note: replicaCount: 1 is what the layers below say already
            platform-infrastructure/products/product-a/values.yaml:3:15: set here by Chart defaults

          6 Inline values            (the Application has none)
        > 5 Customer prod          customer-configs/customers/customer-03/product-a/environments/prod.yaml:2:15
              12
          4 Customer               customer-configs/customers/customer-03/product-a/values.yaml:2:15
              4
          3 Product prod           customer-configs/products/product-a/environments/prod.yaml:2:15
              3
          2 Product base           customer-configs/products/product-a/base-values.yaml:2:15  (the same as below)
              1
          1 Chart defaults         platform-infrastructure/products/product-a/values.yaml:3:15
              1

        Schemas
          follows the chart schema: integer, 1 to 50  platform-infrastructure/products/product-a/values.schema.json:7:5
            Pods of the main deployment; ignored while autoscaling is on.
          follows the product schema: integer, 1 to 50  customer-configs/products/product-a/values.schema.json:7:5
            Pods of the main deployment; ignored while autoscaling is on.
          follows the customer schema: integer, 1 to 8  customer-configs/customers/customer-03/product-a/values.schema.json:6:5
            Contoso Retail's node pool holds eight pods.
        schema-violation at customer-configs/customers/customer-03/product-a/environments/prod.yaml:2:15: replicaCount: 12 is above the maximum: the schema allows 1 to 8
          customer-configs/customers/customer-03/product-a/values.schema.json:10:7: the customer's schema says so
          hint: it was valid until Customer prod (customer-configs/customers/customer-03/product-a/environments/prod.yaml:2)
        lint-redundant-override at customer-configs/products/product-a/base-values.yaml:12:15: image.pullPolicy: "IfNotPresent" is what the layers below say already
          platform-infrastructure/products/product-a/values.yaml:8:15: set here by Chart defaults
          hint: take the line out, unless it is meant to hold when a lower layer changes
        lint-redundant-override at customer-configs/products/product-a/base-values.yaml:10:15: image.repository: "registry.example.com/product-a" is what the layers below say already
          platform-infrastructure/products/product-a/values.yaml:6:15: set here by Chart defaults
          hint: take the line out, unless it is meant to hold when a lower layer changes
        lint-redundant-override at customer-configs/products/product-a/base-values.yaml:2:15: replicaCount: 1 is what the layers below say already
          platform-infrastructure/products/product-a/values.yaml:3:15: set here by Chart defaults
          hint: take the line out, unless it is meant to hold when a lower layer changes
        lint-never-wins at customer-configs/products/product-a/base-values.yaml:24:9: database.name: this never takes effect, all 74 Applications that read this file get another value
          hint: take it out, or move it to the layer that is meant to have the last word
        lint-list-replaced at customer-configs/customers/customer-03/product-a/values.yaml:8:5: ingress.hosts: replaces a list and loses "product-a.local"
          hint: Helm does not merge lists: repeat the items that are to stay, or use a map in the chart
        lint-never-wins at customer-configs/customers/customer-03/product-a/values.yaml:2:15: replicaCount: this never takes effect, all 4 Applications that read this file get another value
          hint: take it out, or move it to the layer that is meant to have the last word
    "#]].assert_eq(&text);
}

#[test]
fn an_environment_file_is_missing() {
    let session = example();
    let mut text = problems(&session, "customer-04-product-a-prod");
    text.push_str(&explain(&session, "customer-04-product-a-prod", "resources.requests.memory"));
    expect![[r#"
        lint-missing-file at platform-infrastructure/applicationsets/12-product-by-environment-set.yaml:60:17: $values/customers/customer-04/product-a/environments/prod.yaml is missing, and 17 of 17 others like $values/customers/*/product-a/environments/prod.yaml are there
          hint: add the file, if only with a comment that says that it is empty on purpose
        lint-redundant-override at customer-configs/products/product-a/base-values.yaml:12:15: image.pullPolicy: "IfNotPresent" is what the layers below say already
          platform-infrastructure/products/product-a/values.yaml:8:15: set here by Chart defaults
          hint: take the line out, unless it is meant to hold when a lower layer changes
        lint-redundant-override at customer-configs/products/product-a/base-values.yaml:10:15: image.repository: "registry.example.com/product-a" is what the layers below say already
          platform-infrastructure/products/product-a/values.yaml:6:15: set here by Chart defaults
          hint: take the line out, unless it is meant to hold when a lower layer changes
        lint-redundant-override at customer-configs/products/product-a/base-values.yaml:2:15: replicaCount: 1 is what the layers below say already
          platform-infrastructure/products/product-a/values.yaml:3:15: set here by Chart defaults
          hint: take the line out, unless it is meant to hold when a lower layer changes
        lint-never-wins at customer-configs/products/product-a/base-values.yaml:24:9: database.name: this never takes effect, all 74 Applications that read this file get another value
          hint: take it out, or move it to the layer that is meant to have the last word
        lint-list-replaced at customer-configs/customers/customer-04/product-a/values.yaml:4:5: ingress.hosts: replaces a list and loses "product-a.local"
          hint: Helm does not merge lists: repeat the items that are to stay, or use a map in the chart
        resources.requests.memory
        "64Mi", set by Product base (line 7), over 1 lower layer.

          6 Inline values            (the Application has none)
          5 Customer prod            (the file is missing, which is allowed)
          4 Customer                 (does not set it)
          3 Product prod             (does not set it)
        > 2 Product base           customer-configs/products/product-a/base-values.yaml:7:13
              64Mi
          1 Chart defaults         platform-infrastructure/products/product-a/values.yaml:23:13
              32Mi

        Schemas
          follows the chart schema: string, matching `^[0-9]+(Ki|Mi|Gi)$`  platform-infrastructure/products/product-a/values.schema.json:59:9
            Kubernetes memory quantity, e.g. 512Mi.
          follows the product schema: string, matching `^[0-9]+(Ki|Mi|Gi)$`  customer-configs/products/product-a/values.schema.json:59:9
            Kubernetes memory quantity, e.g. 512Mi.
    "#]].assert_eq(&text);
}

#[test]
fn a_key_that_nothing_reads() {
    expect![[r#"
        lint-unused-key at customer-configs/customers/customer-05/product-a/values.yaml:2:11: replicas: nothing reads this key
          hint: the chart has no default for it, and no template mentions it: check the spelling
        lint-redundant-override at customer-configs/products/product-a/base-values.yaml:12:15: image.pullPolicy: "IfNotPresent" is what the layers below say already
          platform-infrastructure/products/product-a/values.yaml:8:15: set here by Chart defaults
          hint: take the line out, unless it is meant to hold when a lower layer changes
        lint-redundant-override at customer-configs/products/product-a/base-values.yaml:10:15: image.repository: "registry.example.com/product-a" is what the layers below say already
          platform-infrastructure/products/product-a/values.yaml:6:15: set here by Chart defaults
          hint: take the line out, unless it is meant to hold when a lower layer changes
        lint-redundant-override at customer-configs/products/product-a/base-values.yaml:2:15: replicaCount: 1 is what the layers below say already
          platform-infrastructure/products/product-a/values.yaml:3:15: set here by Chart defaults
          hint: take the line out, unless it is meant to hold when a lower layer changes
        lint-never-wins at customer-configs/products/product-a/base-values.yaml:24:9: database.name: this never takes effect, all 74 Applications that read this file get another value
          hint: take it out, or move it to the layer that is meant to have the last word
        lint-list-replaced at customer-configs/customers/customer-05/product-a/values.yaml:5:5: ingress.hosts: replaces a list and loses "product-a.local"
          hint: Helm does not merge lists: repeat the items that are to stay, or use a map in the chart
    "#]].assert_eq(&problems(&example(), "customer-05-product-a-prod"));
}

#[test]
fn a_port_in_quotes_is_no_number() {
    expect![[r#"
        schema-violation at customer-configs/customers/customer-06/product-a/values.yaml:4:9: service.port: "8080" is a string; the schema wants an integer
          platform-infrastructure/products/product-a/values.schema.json:33:58: the chart's schema says so
          hint: leave out the quotes: 8080
          hint: it was valid until Customer (customer-configs/customers/customer-06/product-a/values.yaml:4)
        schema-violation at customer-configs/customers/customer-06/product-a/values.yaml:4:9: service.port: "8080" is a string; the schema wants an integer
          customer-configs/products/product-a/values.schema.json:33:58: the product's schema says so
          hint: leave out the quotes: 8080
          hint: it was valid until Customer (customer-configs/customers/customer-06/product-a/values.yaml:4)
        lint-type-change at customer-configs/customers/customer-06/product-a/values.yaml:4:9: service.port: "8080" is a string, the chart's default is a number
          platform-infrastructure/products/product-a/values.yaml:29:9: the chart's default
          hint: leave out the quotes: 8080
        lint-redundant-override at customer-configs/products/product-a/base-values.yaml:12:15: image.pullPolicy: "IfNotPresent" is what the layers below say already
          platform-infrastructure/products/product-a/values.yaml:8:15: set here by Chart defaults
          hint: take the line out, unless it is meant to hold when a lower layer changes
        lint-redundant-override at customer-configs/products/product-a/base-values.yaml:10:15: image.repository: "registry.example.com/product-a" is what the layers below say already
          platform-infrastructure/products/product-a/values.yaml:6:15: set here by Chart defaults
          hint: take the line out, unless it is meant to hold when a lower layer changes
        lint-redundant-override at customer-configs/products/product-a/base-values.yaml:2:15: replicaCount: 1 is what the layers below say already
          platform-infrastructure/products/product-a/values.yaml:3:15: set here by Chart defaults
          hint: take the line out, unless it is meant to hold when a lower layer changes
        lint-never-wins at customer-configs/products/product-a/base-values.yaml:24:9: database.name: this never takes effect, all 74 Applications that read this file get another value
          hint: take it out, or move it to the layer that is meant to have the last word
        lint-list-replaced at customer-configs/customers/customer-06/product-a/values.yaml:7:5: ingress.hosts: replaces a list and loses "product-a.local"
          hint: Helm does not merge lists: repeat the items that are to stay, or use a map in the chart
        lint-redundant-override at customer-configs/products/product-a/environments/dev.yaml:2:15: replicaCount: 1 is what the layers below say already
          customer-configs/products/product-a/base-values.yaml:2:15: set here by Product base
          hint: take the line out, unless it is meant to hold when a lower layer changes
        lint-redundant-override at customer-configs/products/product-a/environments/dev.yaml:6:10: resources.requests.cpu: "50m" is what the layers below say already
          customer-configs/products/product-a/base-values.yaml:6:10: set here by Product base
          hint: take the line out, unless it is meant to hold when a lower layer changes
        lint-redundant-override at customer-configs/products/product-a/environments/dev.yaml:7:13: resources.requests.memory: "64Mi" is what the layers below say already
          customer-configs/products/product-a/base-values.yaml:7:13: set here by Product base
          hint: take the line out, unless it is meant to hold when a lower layer changes
    "#]].assert_eq(&problems(&example(), "customer-06-product-a-dev"));
}

#[test]
fn secrets_are_unknown_and_say_why() {
    let session = example();
    let texts = [
        explain(&session, "customer-01-product-a-jobs", "secrets.DATABASE_PASSWORD"),
        explain(&session, "customer-02-product-a-prod", "secrets.DATABASE_PASSWORD"),
    ];
    expect![[r#"
        secrets.DATABASE_PASSWORD
        "ENC[AES256_GCM,data:kq8Jx2vW5Q==,iv:1Bq9zT0m4mS1u0x2o2oB5pV0x0C3cYt8mXlq3m0y7hQ=,tag:p6y1Zr4bC0bq9kq0u5mX8A==,type:str]" (encrypted with SOPS), set by Customer secrets (line 3); no other layer sets it.
          note: secrets.DATABASE_PASSWORD: encrypted with SOPS, so its value is unknown here

          8 Text parameter commonLabels.instance   (does not set it)
          7 Parameter image.pullPolicy   (does not set it)
          6 Inline values            (does not set it)
        > 5 Customer secrets       customer-configs/customers/customer-01/product-a/secrets.yaml:3:22
              ENC[AES256_GCM,data:kq8Jx2vW5Q==,iv:1Bq9zT0m4mS1u0x2o2oB5pV0x0C3cYt8mXlq3m0y7hQ=,tag:p6y1Zr4bC0bq9kq0u5mX8A==,type:str]
          4 Shared registry credentials   (does not set it)
          3 Customer                 (does not set it)
          2 Product base             (does not set it)
          1 Chart defaults           (does not set it)

        secrets.DATABASE_PASSWORD
        "<path:secret/data/customer-02/product-a#database-password>" (filled in by argocd-vault-plugin), set by Customer (line 12); no other layer sets it.
          note: secrets.DATABASE_PASSWORD: filled in by argocd-vault-plugin, so its value is unknown here

          6 Inline values            (the Application has none)
          5 Customer prod            (does not set it)
        > 4 Customer               customer-configs/customers/customer-02/product-a/values.yaml:12:22
              <path:secret/data/customer-02/product-a#database-password>
          3 Product prod             (does not set it)
          2 Product base             (does not set it)
          1 Chart defaults           (does not set it)
    "#]].assert_eq(&texts.join("\n"));
}

#[test]
fn inline_values_and_parameters_are_layers() {
    let session = example();
    let texts = ["commonLabels.purpose", "commonLabels.instance", "image.pullPolicy"]
        .map(|key| explain(&session, "customer-01-product-a-jobs", key));
    expect![[r#"
        commonLabels.purpose
        "jobs", set by Inline values (line 2); no other layer sets it.

          8 Text parameter commonLabels.instance   (does not set it)
          7 Parameter image.pullPolicy   (does not set it)
        > 6 Inline values          platform-infrastructure/<inline valuesObject>:2:12
              jobs
          5 Customer secrets         (does not set it)
          4 Shared registry credentials   (does not set it)
          3 Customer                 (does not set it)
          2 Product base             (does not set it)
          1 Chart defaults           (does not set it)

        commonLabels.instance
        "customer-01-product-a-jobs", set by Text parameter commonLabels.instance (line 1); no other layer sets it.

        > 8 Text parameter commonLabels.instance platform-infrastructure/<parameter>:1:23
              customer-01-product-a-jobs
          7 Parameter image.pullPolicy   (does not set it)
          6 Inline values            (does not set it)
          5 Customer secrets         (does not set it)
          4 Shared registry credentials   (does not set it)
          3 Customer                 (does not set it)
          2 Product base             (does not set it)
          1 Chart defaults           (does not set it)

        image.pullPolicy
        "Always", set by Parameter image.pullPolicy (line 1), over 2 lower layers.
          note: image.pullPolicy: "IfNotPresent" is what the layers below say already
            platform-infrastructure/products/product-a/values.yaml:8:15: set here by Chart defaults

          8 Text parameter commonLabels.instance   (does not set it)
        > 7 Parameter image.pullPolicy platform-infrastructure/<parameter>:1:18
              Always
          6 Inline values            (does not set it)
          5 Customer secrets         (does not set it)
          4 Shared registry credentials   (does not set it)
          3 Customer                 (does not set it)
          2 Product base           customer-configs/products/product-a/base-values.yaml:12:15  (the same as below)
              IfNotPresent
          1 Chart defaults         platform-infrastructure/products/product-a/values.yaml:8:15
              IfNotPresent

        Schemas
          follows the chart schema: one of "Always", "IfNotPresent", "Never"  platform-infrastructure/products/product-a/values.schema.json:19:9
          follows the product schema: one of "Always", "IfNotPresent", "Never"  customer-configs/products/product-a/values.schema.json:19:9
    "#]].assert_eq(&texts.join("\n"));
}

#[test]
fn a_key_that_nobody_sets() {
    expect![[r#"
        resources.requests.gpu
        No layer sets it. Did you mean resources.requests.cpu?

          6 Inline values            (the Application has none)
          5 Customer prod            (does not set it)
          4 Customer                 (does not set it)
          3 Product prod             (does not set it)
          2 Product base             (does not set it)
          1 Chart defaults           (does not set it)
    "#]]
    .assert_eq(&explain(&example(), "customer-01-product-a-prod", "resources.requests.gpu"));
}

#[test]
fn production_syncs_by_hand() {
    let overview = example().overview();
    let automated = |environment: &str| {
        let ours = overview.applications.iter().filter(|one| one.set == "product-by-environment");
        let mut ours = ours.filter(|one| one.environment == environment).map(|one| one.automated);
        let first = ours.next();
        assert!(ours.all(|automated| Some(automated) == first), "all of {environment} alike");
        first
    };
    assert_eq!(["dev", "staging", "prod"].map(automated), [Some(true), Some(true), Some(false)]);
}

#[test]
fn a_list_of_problems_has_lines_and_each_problem_has_all_that_belongs_to_it() {
    let session = example();
    let full = session.overview().problems;
    let lines: Vec<Problem> = session.problem_lines().collect();
    assert_eq!((lines.len(), session.problem(lines.len())), (full.len(), None));
    for (at, (line, full)) in lines.into_iter().zip(full).enumerate() {
        assert_eq!(session.problem(at).as_ref(), Some(&full));
        if !line.applications.is_empty() {
            assert_eq!((&line.excerpt, line.hints.len()), (&None, 0));
        }
        let Problem { excerpt, related, hints, .. } = full.clone();
        assert_eq!(Problem { excerpt, related, hints, ..line }, full);
    }
}

#[test]
fn every_application_of_the_example_can_be_produced_but_those_of_the_stories() {
    let session = example();
    let failing: Vec<String> = session
        .evaluation()
        .applications
        .iter()
        .filter(|application| application.fails())
        .map(|application| format!("{}\n", application.name))
        .collect();
    expect![[r#"
        customer-06-product-a
        customer-06-product-a-dev
        customer-06-product-a-staging
        customer-06-product-a-prod
    "#]]
    .assert_eq(&failing.concat());
}

#[test]
fn an_upgrade_of_argo_cd_takes_a_null_of_product_c_away() {
    let mut session = example();
    session.set_profile("argocd-3.4").expect("the profile is known");
    while session.step() {}
    let mut comparing = session.compare("argocd-3.6".parse().expect("the profile is known"));
    while session.compare_step(&mut comparing) {}
    let comparison = session.comparison(&comparing);
    let told = text::comparison(&comparison);
    assert_eq!(comparison.causes.len(), 1, "{told}");
    assert!(comparison.changed > 0 && comparison.changed < comparison.compared, "{told}");
    let cause = &comparison.causes[0];
    let place = cause.place.as_ref().map(text::line_of).unwrap_or_default();
    assert_eq!(place, "platform-infrastructure/products/product-c/values.yaml:19:18");
    assert_eq!(cause.keys[0].path.join("."), "strategy.rollingUpdate");
}
