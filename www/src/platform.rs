//! The loaded platform as the list on the left needs it.

use std::collections::{HashMap, HashSet};
use strata::report::Severity;
use strata::report::{ApplicationSummary, Overview};

/// An overview with the orders in which it is shown.
pub struct Platform {
    /// What was loaded.
    pub overview: Overview,
    /// Time that evaluating took.
    pub milliseconds: f64,
    /// Names of the environments, in the order in which changes travel through them.
    pub environments: Vec<String>,
    /// Positions of the Applications by customer, product and name.
    order: Vec<usize>,
}

/// One line of the list on the left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeRow {
    /// The heading of a customer (or of a project, for what belongs to none) with its number of
    /// Applications.
    Customer(String, usize),
    /// An Application by its position, with its short name.
    Application(usize, String),
}

impl Platform {
    /// Orders an overview.
    pub fn new(overview: Overview, milliseconds: f64) -> Self {
        let applications = &overview.applications;
        // Few, and asked about often while they are ordered.
        let names: HashSet<&str> =
            applications.iter().map(|application| application.environment.as_str()).collect();
        let mut environments: Vec<String> =
            names.into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect();
        environments.sort_by(|a, b| (stage(a), a).cmp(&(stage(b), b)));

        let mut order: Vec<usize> = (0..applications.len()).collect();
        order.sort_by_cached_key(|&index| {
            let application = &applications[index];
            (
                application.customer.is_empty(),
                owner(application),
                application.product.as_str(),
                application.name.as_str(),
            )
        });
        Self { overview, milliseconds, environments, order }
    }

    /// The Applications, by position.
    pub fn applications(&self) -> &[ApplicationSummary] {
        &self.overview.applications
    }

    /// Number of problems, those of single Applications included.
    pub fn problem_count(&self) -> usize {
        self.overview.problems.iter().filter(|problem| problem.severity > Severity::Note).count()
    }

    /// Position of the Application `name` of `set`; where that set has none, of the only one of this
    /// name.
    pub fn find(&self, set: &str, name: &str) -> Option<usize> {
        let named = |&index: &usize| self.applications()[index].name == name;
        let mut found = (0..self.applications().len()).filter(named);
        let first = found.next()?;
        let rest: Vec<usize> = found.collect();
        let of_set = |&index: &usize| self.applications()[index].set == set;
        std::iter::once(first).chain(rest.iter().copied()).find(of_set).or(rest.is_empty().then_some(first))
    }

    /// The Application to show when none was asked for: the first customer's first product in the last
    /// environment, where most layers meet. Of the sets that yield some there, the largest is what the
    /// platform is about.
    pub fn first(&self) -> Option<usize> {
        let last = self.environments.last().map_or("", String::as_str);
        let fits = |&index: &usize| {
            let application = &self.applications()[index];
            application.environment == last && !application.product.is_empty()
        };
        let candidates: Vec<usize> = self.order.iter().copied().filter(fits).collect();
        let mut sizes: HashMap<&str, usize> = HashMap::new();
        for application in self.applications() {
            *sizes.entry(&application.set).or_default() += 1;
        }
        let size = |index: usize| sizes.get(self.applications()[index].set.as_str()).copied();
        let largest = candidates.iter().map(|&index| size(index)).max();
        let in_largest = |&index: &usize| Some(size(index)) == largest;
        candidates.iter().copied().find(in_largest).or_else(|| self.order.first().copied())
    }

    /// The Application that is to `environment` what the one at `index` is to its own.
    pub fn sibling(&self, index: usize, environment: &str) -> Option<usize> {
        let here = self.applications().get(index)?;
        let same = |there: &ApplicationSummary| {
            there.environment == environment
                && there.customer == here.customer
                && there.product == here.product
        };
        let position = |of_set: bool| {
            self.applications().iter().position(|there| same(there) && (!of_set || there.set == here.set))
        };
        position(true).or_else(|| position(false))
    }

    /// The list on the left: Applications of an environment (of all, if `None`) whose names hold
    /// `filter`, under their customers.
    pub fn scope(&self, environment: Option<&str>, filter: &str) -> Vec<ScopeRow> {
        let filter = filter.trim().to_lowercase();
        let visible: Vec<usize> = self
            .order
            .iter()
            .copied()
            .filter(|&index| {
                let application = &self.applications()[index];
                let in_environment = environment.is_none_or(|environment| {
                    application.environment.is_empty() || application.environment == environment
                });
                in_environment
                    && (filter.is_empty()
                        || application.name.to_lowercase().contains(&filter)
                        || application.customer.to_lowercase().contains(&filter))
            })
            .collect();

        let mut products: HashMap<(&str, &str), usize> = HashMap::new();
        let mut owners: HashMap<&str, usize> = HashMap::new();
        for &index in &visible {
            let application = &self.applications()[index];
            *products.entry((owner(application), &application.product)).or_default() += 1;
            *owners.entry(owner(application)).or_default() += 1;
        }
        let mut rows = Vec::with_capacity(visible.len() + owners.len());
        let mut last = None;
        for index in visible {
            let application = &self.applications()[index];
            let owner = owner(application);
            if last != Some(owner) {
                rows.push(ScopeRow::Customer(owner.to_owned(), owners[owner]));
                last = Some(owner);
            }
            let unique = products[&(owner, application.product.as_str())] == 1;
            let label = if unique && !application.product.is_empty() {
                application.product.as_str()
            } else {
                // The heading has said whose it is.
                let own = application.name.strip_prefix(owner).and_then(|rest| rest.strip_prefix('-'));
                own.unwrap_or(&application.name)
            };
            rows.push(ScopeRow::Application(index, label.to_owned()));
        }
        rows
    }
}

/// Whose Application it is.
fn owner(application: &ApplicationSummary) -> &str {
    [&application.customer, &application.project]
        .into_iter()
        .find(|name| !name.is_empty())
        .map_or("other", String::as_str)
}

/// How far a change has come when it reaches an environment of this name.
fn stage(environment: &str) -> u8 {
    let name = environment.to_lowercase();
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if starts(&["preprod", "pre-prod", "uat"]) {
        5
    } else if starts(&["prod", "live"]) {
        6
    } else if starts(&["stag", "stg"]) {
        4
    } else if starts(&["test", "qa", "int"]) {
        2
    } else if starts(&["local", "sandbox"]) {
        0
    } else if starts(&["dev"]) {
        1
    } else {
        3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(names: &[(&str, &str, &str)]) -> Platform {
        let application = |&(customer, product, environment): &(&str, &str, &str)| ApplicationSummary {
            name: format!("{customer}-{product}-{environment}"),
            customer: customer.into(),
            product: product.into(),
            environment: environment.into(),
            project: "default".into(),
            ..ApplicationSummary::default()
        };
        Platform::new(
            Overview { applications: names.iter().map(application).collect(), ..Overview::default() },
            0.0,
        )
    }

    #[test]
    fn environments_stand_in_the_order_of_a_rollout() {
        let platform =
            platform(&[("a", "x", "prod"), ("a", "x", "dev"), ("a", "x", "staging"), ("a", "x", "")]);
        assert_eq!(platform.environments, ["dev", "staging", "prod"]);
        assert_eq!(platform.first(), Some(0));
        assert_eq!(platform.sibling(0, "staging"), Some(2));
        assert_eq!(platform.sibling(0, "moon"), None);
    }

    #[test]
    fn the_list_groups_by_customer_and_names_by_product() {
        let platform =
            platform(&[("b", "y", "prod"), ("a", "y", "prod"), ("a", "x", "prod"), ("a", "x", "dev")]);
        let names = |rows: Vec<ScopeRow>| {
            rows.into_iter()
                .map(|row| match row {
                    ScopeRow::Customer(name, count) => format!("{name} {count}"),
                    ScopeRow::Application(_, label) => label,
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(names(platform.scope(Some("prod"), "")), ["a 2", "x", "y", "b 1", "y"]);
        assert_eq!(names(platform.scope(None, "a-x")), ["a 2", "x-dev", "x-prod"], "one name for one thing");
        assert_eq!(names(platform.scope(Some("prod"), "nothing")), [""; 0]);
    }
}
