//! Schemas that stand beside value files: the product's and the customer's.

use crate::repository::Repositories;
use crate::schema::Owner;
use crate::source::File;
use std::collections::HashMap;
use std::sync::Arc;

const NAME: &str = "values.schema.json";

/// Every `values.schema.json`, by repository and folder.
#[derive(Debug, Default)]
pub(super) struct SchemaFiles(HashMap<(Arc<str>, String), Arc<File>>);

impl SchemaFiles {
    /// Those of all repositories.
    pub(super) fn find(repositories: &Repositories) -> Self {
        let revisions = repositories.all().iter().flat_map(|repository| &repository.revisions);
        let files = revisions.flat_map(|revision| revision.tree.files());
        let schemas = files.filter_map(|file| {
            let folder = file.path.strip_suffix(NAME)?;
            Some(((Arc::clone(&file.repository), folder.trim_end_matches('/').to_owned()), Arc::clone(file)))
        });
        Self(schemas.collect())
    }

    /// The schemas in the folders of these files and above them, nearest first, each once.
    pub(super) fn beside(&self, files: impl Iterator<Item = Arc<File>>) -> Vec<(Arc<File>, Owner)> {
        let mut found: Vec<(Arc<File>, Owner)> = Vec::new();
        for file in files {
            let mut folder = &*file.path;
            while let Some((above, _)) = folder.rsplit_once('/') {
                folder = above;
                let schema = self.0.get(&(Arc::clone(&file.repository), folder.to_owned()));
                if let Some(schema) =
                    schema.filter(|schema| !found.iter().any(|(known, _)| Arc::ptr_eq(known, schema)))
                {
                    found.push((Arc::clone(schema), owner(folder)));
                }
            }
        }
        found
    }
}

/// Whose schema a folder holds.
fn owner(folder: &str) -> Owner {
    let customers = ["customers", "tenants", "clients"];
    if folder.split('/').any(|segment| customers.contains(&segment)) {
        Owner::Customer
    } else {
        Owner::Product
    }
}
