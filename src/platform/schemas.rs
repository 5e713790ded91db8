//! Schemas that stand beside value files: the product's and the customer's.

use crate::repository::{Repositories, Tree};
use crate::schema::Owner;
use crate::source::File;
use std::collections::HashMap;
use std::sync::Arc;

const NAME: &str = "values.schema.json";

/// A schema beside value files, with the files that it may refer to.
#[derive(Clone, Debug)]
pub(super) struct Neighbour {
    /// The schema.
    pub file: Arc<File>,
    /// The repository that holds it.
    pub tree: Arc<Tree>,
    /// Whose it is.
    pub owner: Owner,
}

/// Every `values.schema.json`, by repository and folder.
#[derive(Debug, Default)]
pub(super) struct SchemaFiles(HashMap<(Arc<str>, String), Neighbour>);

impl SchemaFiles {
    /// Those of all repositories.
    pub(super) fn find(repositories: &Repositories) -> Self {
        let revisions = repositories.all().iter().flat_map(|repository| &repository.revisions);
        let files = revisions.flat_map(|revision| revision.tree.files().map(|file| (file, &revision.tree)));
        let schemas = files.filter_map(|(file, tree)| {
            let folder = file.path.strip_suffix(NAME)?.trim_end_matches('/');
            let neighbour =
                Neighbour { file: Arc::clone(file), tree: Arc::clone(tree), owner: owner(folder) };
            Some(((Arc::clone(&file.repository), folder.to_owned()), neighbour))
        });
        Self(schemas.collect())
    }

    /// The schemas in the folders of these files and above them, nearest first, each once.
    pub(super) fn beside(&self, files: impl Iterator<Item = Arc<File>>) -> Vec<&Neighbour> {
        let mut found: Vec<&Neighbour> = Vec::new();
        for file in files {
            let mut folder = &*file.path;
            while let Some((above, _)) = folder.rsplit_once('/') {
                folder = above;
                let schema = self.0.get(&(Arc::clone(&file.repository), folder.to_owned()));
                let new =
                    |schema: &&Neighbour| !found.iter().any(|known| Arc::ptr_eq(&known.file, &schema.file));
                if let Some(schema) = schema.filter(new) {
                    found.push(schema);
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
