//! Lines of a file with a mark.

use strata::report::Excerpt;
use yew::prelude::*;

/// The lines.
#[derive(Properties, PartialEq)]
pub struct ExcerptTextProps {
    /// The lines and their mark.
    pub excerpt: Excerpt,
    /// Show their numbers.
    #[prop_or_default]
    pub numbered: bool,
}

/// The lines, the marked characters marked.
#[component]
pub fn ExcerptText(props: &ExcerptTextProps) -> Html {
    let excerpt = &props.excerpt;
    let line = |(number, line): (u32, &String)| {
        let text = if number == excerpt.marked_line {
            marked(line, excerpt.marked_columns)
        } else {
            html! { {line} }
        };
        html! {
            <span class="line">
                if props.numbered { <span class="number" aria-hidden="true">{number}</span> }
                { text }{"\n"}
            </span>
        }
    };
    html! { <pre tabindex="0"><code>{ for (excerpt.first_line..).zip(&excerpt.lines).map(line) }</code></pre> }
}

/// A line with the characters from the first column up to the second marked.
fn marked(line: &str, (from, to): (u32, u32)) -> Html {
    let (before, rest) = split(line, from.saturating_sub(1));
    let (mark, after) = split(rest, to.saturating_sub(from));
    if mark.is_empty() {
        return html! { {line} };
    }
    html! { <>{before}<mark>{mark}</mark>{after}</> }
}

/// Splits before the character at a position.
fn split(text: &str, position: u32) -> (&str, &str) {
    let at = text.char_indices().nth(position as usize).map_or(text.len(), |(at, _)| at);
    text.split_at(at)
}
