//! The page of Strata: drop repositories, see every final value with the layer, file and line that it
//! came from. It shows plain data (`strata::report`) that the engine makes in its worker.

mod app;
mod browser;
mod change;
mod components;
mod engine;
mod loading;
mod message;
mod pages;
mod platform;
mod rendered;
mod route;
mod shared;
mod theme;

fn main() {
    yew::Renderer::<app::App>::new().render();
}
