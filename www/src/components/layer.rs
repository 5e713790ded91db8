//! Layers by their colours.

use super::file_name;
use strata::report::Place;
use yew::prelude::*;

/// Colours that there are.
const COLOURS: usize = 10;

/// The class that gives a layer its colour. The chart's defaults keep theirs; many layers share.
pub fn layer_class(number: usize) -> String {
    let colour = if number <= COLOURS { number } else { 2 + (number - 2) % (COLOURS - 1) };
    format!("layer-{colour}")
}

/// A layer and the line in its file.
#[derive(Properties, PartialEq)]
pub struct LayerChipProps {
    /// Number of the layer.
    pub number: usize,
    /// Where it writes.
    pub place: Option<Place>,
}

/// `5 prod.yaml:2` in the layer's colour.
#[component]
pub fn LayerChip(props: &LayerChipProps) -> Html {
    let place = props.place.as_ref().map(|place| format!("{}:{}", file_name(&place.path), place.line));
    html! {
        <span class={classes!("layer-chip", layer_class(props.number))}><em>{props.number}</em>{place.unwrap_or_default()}</span>
    }
}

#[cfg(test)]
mod tests {
    use super::layer_class;

    #[test]
    fn many_layers_share_colours_but_not_with_the_chart() {
        assert_eq!(layer_class(1), "layer-1");
        assert_eq!(layer_class(10), "layer-10");
        assert_eq!(layer_class(11), "layer-2");
        assert!((2..1000).all(|number| layer_class(number) != "layer-1"));
    }
}
