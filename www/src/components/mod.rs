//! Pieces that views are made of.

mod dialog;
mod excerpt;
mod file_viewer;
mod footer;
mod header;
mod icons;
mod layer;
mod listed;
mod load_bar;
mod notices;
mod open_dialog;
mod place;
mod problem;
mod rendering;
mod search_dialog;
mod window;

pub use dialog::Modal;
pub use excerpt::ExcerptText;
pub use file_viewer::FileViewer;
pub use footer::{Footer, PROFILES};
pub use header::Header;
pub use icons::Logo;
pub use layer::{LayerChip, layer_class};
pub use listed::use_listed;
pub use load_bar::LoadBar;
pub use notices::{Notice, Notices};
pub use open_dialog::OpenDialog;
pub use place::{PlaceLink, file_name, place_text};
pub use problem::{ProblemCard, is_for_fixtures, severity_name, to_fixtures};
pub use rendering::RenderingState;
pub use search_dialog::SearchDialog;
pub use window::{Space, tree_key, use_row_window};
