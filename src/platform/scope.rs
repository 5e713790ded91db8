//! Customer, product and environment of an Application, and names for its layers.
//!
//! Nothing in Argo CD says what these are. Labels say it best, then parameters, then the folders that
//! value files stand in.

use crate::merge::Kind;
use crate::value::Value;

/// Where an Application belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Customer; empty if nothing tells it.
    pub customer: String,
    /// Product; empty if nothing tells it.
    pub product: String,
    /// Environment; empty if nothing tells it.
    pub environment: String,
}

const CUSTOMER: &[&str] = &["customer", "tenant", "client"];
const PRODUCT: &[&str] = &["product", "app", "component", "service"];
const ENVIRONMENT: &[&str] = &["environment", "env", "stage"];

impl Scope {
    /// What the labels of an Application (or else its value files) say.
    pub fn of<'f>(application: &Value, value_files: impl IntoIterator<Item = &'f str>) -> Self {
        let labels = application.get("metadata").and_then(|metadata| metadata.get("labels"));
        let label = |names: &[&str]| {
            let named = names.iter().find_map(|name| labels?.get(name)?.as_str());
            named.unwrap_or_default().to_owned()
        };
        let mut scope =
            Self { customer: label(CUSTOMER), product: label(PRODUCT), environment: label(ENVIRONMENT) };
        let is_known = |scope: &Self| {
            ![&scope.customer, &scope.product, &scope.environment].into_iter().any(String::is_empty)
        };
        for file in value_files {
            if is_known(&scope) {
                break;
            }
            let segments: Vec<&str> = file.trim_start_matches('/').split('/').collect();
            let after = |folder: &str| {
                let at = segments.iter().position(|segment| *segment == folder)?;
                segments.get(at + 1).filter(|_| at + 2 < segments.len()).map(|name| (*name).to_owned())
            };
            fill(&mut scope.customer, after("customers"));
            fill(&mut scope.product, after("products"));
            let environment = environment_file(&segments).map(str::to_owned);
            fill(&mut scope.environment, environment);
        }
        scope
    }
}

fn fill(field: &mut String, found: Option<String>) {
    if let (true, Some(found)) = (field.is_empty(), found) {
        *field = found;
    }
}

/// The environment that a path such as `environments/prod.yaml` or `envs/prod/values.yaml` names.
fn environment_file<'a>(segments: &[&'a str]) -> Option<&'a str> {
    let at = segments.iter().position(|segment| matches!(*segment, "environments" | "envs" | "env"))?;
    let next = segments.get(at + 1)?;
    Some(next.rsplit_once('.').map_or(*next, |(stem, _)| stem))
}

/// A short name of a layer for people: `Chart defaults`, `Product base`, `Customer prod`, `Inline`.
pub fn layer_label(kind: Kind, written: &str) -> String {
    match kind {
        Kind::ChartDefaults => "Chart defaults".to_owned(),
        Kind::Inline => "Inline values".to_owned(),
        Kind::ValueFile => file_label(written),
        Kind::Set | Kind::SetJson => parameter_label("Parameter", written),
        Kind::SetString => parameter_label("Text parameter", written),
        Kind::SetFile => parameter_label("File parameter", written),
    }
}

fn parameter_label(what: &str, written: &str) -> String {
    format!("{what} {}", written.split('=').next().unwrap_or_default())
}

fn file_label(written: &str) -> String {
    let segments: Vec<&str> = written.split('/').filter(|segment| !segment.is_empty()).collect();
    let file = segments.last().copied().unwrap_or(written);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let owner = segments.iter().find_map(|segment| match *segment {
        "customers" | "tenants" | "clients" => Some("Customer"),
        "products" | "apps" | "services" => Some("Product"),
        "shared" | "common" | "global" => Some("Shared"),
        _ => None,
    });
    let environment = environment_file(&segments);
    match (owner, environment, stem) {
        (Some(owner), Some(environment), _) => format!("{owner} {environment}"),
        (Some("Product"), None, "base-values" | "values" | "base") => "Product base".to_owned(),
        (Some(owner), None, "values") => owner.to_owned(),
        (Some(owner), None, stem) => format!("{owner} {}", stem.replace(['-', '_'], " ")),
        (None, Some(environment), _) => format!("Environment {environment}"),
        (None, None, _) => file.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_get_names_that_people_use() {
        for (written, label) in [
            ("$values/products/product-a/base-values.yaml", "Product base"),
            ("$values/products/product-a/environments/prod.yaml", "Product prod"),
            ("$values/customers/customer-01/product-a/values.yaml", "Customer"),
            ("$values/customers/customer-01/product-a/environments/prod.yaml", "Customer prod"),
            ("$secrets/customers/customer-01/product-a/secrets.yaml", "Customer secrets"),
            ("$secrets/shared/common-secrets/registry-credentials.yaml", "Shared registry credentials"),
            ("envs/prod/values.yaml", "Environment prod"),
            ("values-prod.yaml", "values-prod.yaml"),
        ] {
            assert_eq!(layer_label(Kind::ValueFile, written), label, "{written}");
        }
    }

    #[test]
    fn paths_tell_the_scope_where_labels_do_not() {
        let files = ["$v/products/product-a/base.yaml", "$v/customers/c1/product-a/environments/prod.yaml"];
        let scope = Scope::of(&Value::empty_map(), files);
        let expected =
            Scope { customer: "c1".into(), product: "product-a".into(), environment: "prod".into() };
        assert_eq!(scope, expected);
    }
}
