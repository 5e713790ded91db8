//! A file with a line marked.

use super::{PlaceLink, Space, use_row_window};
use crate::app::{Message, Step};
use crate::route::Route;
use crate::shared::Shared;
use strata::report::FileReport;
use yew::prelude::*;

/// Height of a line in pixels; the style sheet says the same.
const LINE: u32 = 20;

/// What the viewer shows.
#[derive(Properties, PartialEq)]
pub struct FileViewerProps {
    /// The file; `None` until it came.
    pub file: Option<Shared<FileReport>>,
    /// What the page shows.
    pub route: Route,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// The text of the file that the route names.
#[component]
pub fn FileViewer(props: &FileViewerProps) -> Html {
    let Some(at) = &props.route.file else { return Html::default() };
    let close = {
        let target = props.route.with_file(None);
        props.on.reform(move |_: MouseEvent| Message::Go(target.clone(), Step::Push))
    };
    let repository = if at.repository.is_empty() { String::new() } else { format!("{} / ", at.repository) };
    html! {
        <section class="file" aria-label="File">
            <div class="file-head">
                <button class="button" type="button" onclick={close}>{"‹ Back"}</button>
                <h2><span class="dim">{repository}</span>{&at.path}<span class="dim">{ format!(":{}", at.line) }</span></h2>
            </div>
            if let Some(file) = &props.file {
                if let Some(parent) = &file.parent {
                    <p class="made-from">{"Made from "}<PlaceLink place={parent.clone()} route={props.route.clone()} on={props.on.clone()} /></p>
                }
                if file.text.is_empty() {
                    <p class="nothing-here">{"There is nothing to show: the file is empty, is no text, or was not loaded."}</p>
                } else {
                    <Lines file={file.clone()} line={at.line} />
                }
            }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct LinesProps {
    file: Shared<FileReport>,
    line: u32,
}

#[component]
fn Lines(props: &LinesProps) -> Html {
    let node = use_node_ref();
    let starts = use_memo(props.file.clone(), |file| line_ranges(&file.text));
    let reveal = (props.line as usize).checked_sub(1).filter(|&line| line < starts.len());
    let (rows, onscroll) = use_row_window(&node, starts.len(), LINE, reveal);
    let (above, below) = (rows.start, starts.len() - rows.end);
    let line = |at: usize| {
        let text = &props.file.text[starts[at].clone()];
        let marked = reveal == Some(at);
        html! {
            <span key={at} class={classes!("line", marked.then_some("marked"))} aria-current={marked.then_some("true")}>
                <span class="number" aria-hidden="true">{at + 1}</span>{ coloured(text) }
            </span>
        }
    };
    html! {
        <div class="text" ref={node} {onscroll} tabindex="0" role="region" aria-label={format!("Text of {}", props.file.path)}>
            <Space rows={above} height={LINE} />
            <code>{ for rows.map(line) }</code>
            <Space rows={below} height={LINE} />
        </div>
    }
}

/// The bytes of each line without its break.
fn line_ranges(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let range = start..start + line.trim_end_matches(['\n', '\r']).len();
            start += line.len();
            range
        })
        .collect()
}

/// A line of YAML with its key and comment told apart. Only looks: what the line means is the engine's.
fn coloured(line: &str) -> Html {
    let (code, comment) = match line.find('#') {
        Some(at)
            if line[..at].trim().is_empty()
                || line[..at].ends_with(' ') && line[..at].matches(['"', '\'']).count().is_multiple_of(2) =>
        {
            line.split_at(at)
        }
        _ => (line, ""),
    };
    let key = code.find(": ").or_else(|| code.trim_end().strip_suffix(':').map(str::len));
    let (key, rest) = code.split_at(key.unwrap_or(0));
    html! { <><span class="key">{key}</span>{rest}<span class="comment">{comment}</span></> }
}

#[cfg(test)]
mod tests {
    use super::line_ranges;

    #[test]
    fn lines_end_with_either_break() {
        assert_eq!(line_ranges("a\r\nb\n\nc"), [0..1, 3..4, 5..5, 6..7]);
        assert!(line_ranges("").is_empty());
    }
}
