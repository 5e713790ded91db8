//! The page as a whole: what is loaded, what is shown, and what the two have to do with each other.

use crate::components::{Footer, Header, LoadBar, Notice, Notices, OpenDialog, SearchDialog};
use crate::engine::{Engine, Load};
use crate::loading::{Cancel, Input, load};
use crate::message::Progress;
use crate::pages::{Changes, Explore, Problems};
use crate::platform::Platform;
use crate::route::{Route, View};
use crate::shared::Shared;
use crate::theme::Theme;
use gloo_events::{EventListener, EventListenerOptions};
use strata::report::Severity;
use strata::report::{ApplicationReport, Cascade, FileReport, Problem};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DragEvent, KeyboardEvent, window};
use yew::prelude::*;

/// The page.
pub struct App {
    engine: Option<Engine>,
    on: Callback<Message>,
    route: Route,
    platform: Option<Shared<Platform>>,
    report: Option<(usize, Shared<ApplicationReport>)>,
    cascade: Option<Shared<Cascade>>,
    file: Option<Shared<FileReport>>,
    /// What was asked for last, so that late answers to older questions are known as such.
    asked: Asked,
    loading: Option<Loading>,
    /// What is to be loaded when the load under way is given up.
    next: Option<Input>,
    notices: Vec<Notice>,
    dialog: Option<Dialog>,
    theme: Theme,
    dragging: bool,
    _listeners: Vec<EventListener>,
}

struct Loading {
    cancel: Cancel,
    progress: Option<Progress>,
}

impl Loading {
    fn give_up(&self, engine: &Engine) {
        self.cancel.cancel();
        let engine = engine.clone();
        wasm_bindgen_futures::spawn_local(async move { engine.cancel().await });
    }
}

#[derive(Default, PartialEq, Eq)]
struct Asked {
    application: Option<usize>,
    cascade: Option<CascadeOf>,
    file: Option<(String, String)>,
}

/// Application, source in `spec.sources`, path of the value.
type CascadeOf = (usize, usize, Vec<String>);

/// The dialogs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// Finding something.
    Search,
    /// Opening files.
    Open,
}

/// What a change of the URL means for the way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A step of its own.
    Push,
    /// The same place seen differently.
    Replace,
}

/// What can happen.
pub enum Message {
    /// The user goes somewhere.
    Go(Route, Step),
    /// The browser went somewhere.
    Moved,
    /// Files are to be loaded.
    Load(Input),
    /// A load goes on.
    Progress(Progress),
    /// A load has ended; `None` if it was cancelled.
    Loaded(Option<Load>),
    /// The user gives up a load.
    Cancel,
    /// An Application came.
    Report(usize, Option<ApplicationReport>),
    /// A cascade came.
    Cascade(CascadeOf, Option<Cascade>),
    /// A file came.
    File((String, String), Option<FileReport>),
    /// A dialog opens, or none is open any more.
    Dialog(Option<Dialog>),
    /// Something is to be said.
    Say(Notice),
    /// A notice was read.
    Dismiss(usize),
    /// The next theme.
    NextTheme,
    /// Something is dragged over the page, or no more.
    Dragging(bool),
    /// A repository stands for another `repoURL`.
    SetUrl(String, String),
    /// Other rules apply.
    SetProfile(String),
    /// A repository is taken out.
    Remove(String),
    /// The link to what is shown goes to the clipboard.
    Share,
}

impl Component for App {
    type Message = Message;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let on = ctx.link().callback(|message| message);
        let failed = on.reform(|text| {
            Message::Say(Notice::error(format!("The engine has stopped: {text}. Reload the page to go on.")))
        });
        let engine = Engine::connect(move |text| failed.emit(text));
        if engine.is_some() {
            on.emit(Message::Load(Input::Example));
        } else {
            on.emit(Message::Say(Notice::error("This browser could not start the engine.".to_owned())));
        }
        Self {
            engine,
            route: current_route(),
            platform: None,
            report: None,
            cascade: None,
            file: None,
            asked: Asked::default(),
            loading: None,
            next: None,
            notices: Vec::new(),
            dialog: None,
            theme: Theme::remembered(),
            dragging: false,
            _listeners: listeners(&on),
            on,
        }
    }

    fn update(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Go(route, step) => return self.go(ctx, route, step),
            Message::Moved => {
                self.route = current_route();
                self.refresh(ctx);
            }
            Message::Load(input) => self.load(ctx, input),
            Message::Progress(progress) => match &mut self.loading {
                Some(loading) => loading.progress = Some(progress),
                None => return false,
            },
            Message::Loaded(load) => self.loaded(ctx, load),
            Message::Cancel => {
                if let (Some(loading), Some(engine)) = (&self.loading, &self.engine) {
                    loading.give_up(engine);
                }
            }
            Message::Report(index, report) => return self.show_report(ctx, index, report),
            Message::Cascade(asked, cascade) => {
                if self.asked.cascade.as_ref() != Some(&asked) {
                    return false;
                }
                self.cascade = cascade.map(Shared::new);
            }
            Message::File(asked, file) => {
                if self.asked.file.as_ref() != Some(&asked) {
                    return false;
                }
                self.file = file.map(Shared::new);
            }
            Message::Dialog(dialog) => self.dialog = dialog,
            Message::Say(notice) => self.say(notice),
            Message::Dismiss(at) => {
                if at < self.notices.len() {
                    self.notices.remove(at);
                }
            }
            Message::NextTheme => {
                self.theme = self.theme.next();
                self.theme.apply();
            }
            Message::Dragging(dragging) => {
                let changed = self.dragging != dragging;
                self.dragging = dragging;
                return changed;
            }
            Message::SetUrl(repository, url) => {
                self.evaluate(ctx, async move |engine, progress| {
                    engine.set_url(repository, url, progress).await
                });
            }
            Message::SetProfile(profile) => {
                self.evaluate(ctx, async move |engine, progress| engine.set_profile(profile, progress).await);
            }
            Message::Remove(repository) => {
                self.evaluate(ctx, async move |engine, progress| engine.remove(repository, progress).await);
            }
            Message::Share => Self::share(ctx),
        }
        true
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        let problems = self.platform.as_ref().map_or(0, |platform| platform.problem_count());
        html! {
            <>
                <a class="skip-link" href="#main" onclick={skip_to_main}>{"Skip to the values"}</a>
                <Header route={self.route.clone()} {problems} theme={self.theme} on={self.on.clone()} />
                { self.view_page() }
                <Footer platform={self.platform.clone()} busy={self.loading.is_some()} on={self.on.clone()} />
                if let Some(loading) = &self.loading {
                    <LoadBar progress={loading.progress} on={self.on.clone()} />
                }
                <Notices notices={self.notices.clone()} on={self.on.clone()} />
                if self.dragging {
                    <div class="drop" aria-hidden="true"><p>{"Drop folders, files or zips to open them"}</p></div>
                }
                { self.view_dialog() }
            </>
        }
    }
}

impl App {
    fn view_page(&self) -> Html {
        let (Some(platform), Some(engine)) = (&self.platform, &self.engine) else {
            return html! { <main id="main" class="starting" tabindex="-1"><p role="status">{"Starting…"}</p></main> };
        };
        match self.route.view {
            View::Explore => html! {
                <Explore
                    platform={platform.clone()}
                    route={self.route.clone()}
                    report={self.report.clone()}
                    cascade={self.cascade.clone()}
                    file={self.file.clone()}
                    on={self.on.clone()}
                />
            },
            View::Changes => html! {
                <Changes
                    platform={platform.clone()}
                    engine={engine.clone()}
                    route={self.route.clone()}
                    file={self.file.clone()}
                    on={self.on.clone()}
                />
            },
            View::Problems => {
                html! { <Problems platform={platform.clone()} route={self.route.clone()} file={self.file.clone()} on={self.on.clone()} /> }
            }
        }
    }

    fn view_dialog(&self) -> Html {
        match (self.dialog, &self.engine) {
            (Some(Dialog::Search), Some(engine)) => html! {
                <SearchDialog engine={engine.clone()} platform={self.platform.clone()} route={self.route.clone()} on={self.on.clone()} />
            },
            (Some(Dialog::Open), _) => html! { <OpenDialog on={self.on.clone()} /> },
            _ => Html::default(),
        }
    }

    fn go(&mut self, ctx: &Context<Self>, route: Route, step: Step) -> bool {
        if route == self.route {
            return false;
        }
        if let Some(history) = window().and_then(|window| window.history().ok()) {
            let href = route.href();
            let _ = match step {
                Step::Push => history.push_state_with_url(&JsValue::NULL, "", Some(&href)),
                Step::Replace => history.replace_state_with_url(&JsValue::NULL, "", Some(&href)),
            };
        }
        self.route = route;
        self.refresh(ctx);
        true
    }

    /// Asks the engine for what the route shows and isn't there yet.
    fn refresh(&mut self, ctx: &Context<Self>) {
        let (Some(engine), Some(platform)) = (&self.engine, &self.platform) else { return };
        let application = match &self.route.application {
            Some((set, name)) => platform.find(set, name),
            None => platform.first(),
        };
        if application != self.asked.application {
            self.asked.application = application;
            if application.is_none() {
                self.report = None;
            }
            if let Some(index) = application {
                let engine = engine.clone();
                ctx.link().send_future(async move {
                    let report = engine.application(index).await;
                    Message::Report(index, report)
                });
            }
        }
        self.refresh_cascade(ctx);
        self.refresh_file(ctx);
    }

    fn refresh_cascade(&mut self, ctx: &Context<Self>) {
        let Some(engine) = self.engine.clone() else { return };
        let source = self.report.as_ref().and_then(|(index, report)| {
            (Some(*index) == self.asked.application).then(|| report.sources.get(self.route.source)).flatten()
        });
        let wanted = match (self.asked.application, source, &self.route.key) {
            (Some(index), Some(source), Some(key)) => Some((index, source.index, key.clone())),
            _ => None,
        };
        if wanted == self.asked.cascade {
            return;
        }
        self.asked.cascade.clone_from(&wanted);
        match wanted {
            None => self.cascade = None,
            Some(asked) => ctx.link().send_future(async move {
                let (application, source, path) = asked.clone();
                let cascade = engine.cascade(application, source, path).await;
                Message::Cascade(asked, cascade)
            }),
        }
    }

    fn refresh_file(&mut self, ctx: &Context<Self>) {
        let Some(engine) = self.engine.clone() else { return };
        let wanted = self.route.file.as_ref().map(|file| (file.repository.clone(), file.path.clone()));
        if wanted == self.asked.file {
            return;
        }
        self.asked.file.clone_from(&wanted);
        self.file = None;
        if let Some(asked) = wanted {
            ctx.link().send_future(async move {
                let file = engine.file(asked.0.clone(), asked.1.clone()).await;
                Message::File(asked, file)
            });
        }
    }

    /// Shows an Application that came. Where nothing was chosen, its most telling value is.
    fn show_report(&mut self, ctx: &Context<Self>, index: usize, report: Option<ApplicationReport>) -> bool {
        if self.asked.application != Some(index) {
            return false;
        }
        self.report = report.map(|report| (index, Shared::new(report)));
        let mut route = self.route.clone();
        if let Some((_, report)) = &self.report {
            if route.application.is_none() {
                route.application = Some((report.summary.set.clone(), report.summary.name.clone()));
                if route.key.is_none() && is_wide() {
                    route.key = telling_value(report, route.source);
                }
            }
            if route.source >= report.sources.len() {
                route.source = 0;
            }
        }
        if route.view == View::Explore && self.go(ctx, route, Step::Replace) {
            return true;
        }
        self.refresh_cascade(ctx);
        true
    }

    fn load(&mut self, ctx: &Context<Self>, input: Input) {
        let Some(engine) = self.engine.clone() else { return };
        self.dialog = None;
        self.dragging = false;
        if let Some(loading) = &self.loading {
            loading.give_up(&engine);
            self.next = Some(input);
            return;
        }
        let cancel = Cancel::default();
        self.loading = Some(Loading { cancel: cancel.clone(), progress: None });
        let on = self.on.clone();
        ctx.link().send_future(async move {
            Message::Loaded(
                load(&engine, input, &cancel, |progress| on.emit(Message::Progress(progress))).await,
            )
        });
    }

    fn evaluate<Ask, Answer>(&mut self, ctx: &Context<Self>, ask: Ask)
    where
        Ask: FnOnce(Engine, Box<dyn Fn(Progress)>) -> Answer + 'static,
        Answer: Future<Output = Load> + 'static,
    {
        let Some(engine) = self.engine.clone().filter(|_| self.loading.is_none()) else { return };
        self.loading = Some(Loading { cancel: Cancel::default(), progress: None });
        let on = self.on.clone();
        ctx.link().send_future(async move {
            Message::Loaded(Some(
                ask(engine, Box::new(move |progress| on.emit(Message::Progress(progress)))).await,
            ))
        });
    }

    fn loaded(&mut self, ctx: &Context<Self>, load: Option<Load>) {
        self.loading = None;
        if let Some(input) = self.next.take() {
            return self.load(ctx, input);
        }
        let Some(load) = load else { return };
        if !load.findings.is_empty() {
            self.say(findings(&load.findings, load.platform.is_some()));
        }
        if let Some(platform) = load.platform {
            let first = self.platform.is_none();
            self.platform = Some(platform);
            self.asked = Asked::default();
            self.cascade = None;
            let known = self.route.application.as_ref().is_none_or(|(set, name)| {
                self.platform.as_ref().is_some_and(|platform| platform.find(set, name).is_some())
            });
            if !known && !first {
                self.go(ctx, Route::default(), Step::Push);
            }
            self.refresh(ctx);
        }
    }

    fn say(&mut self, notice: Notice) {
        self.notices.retain(|old| *old != notice);
        self.notices.push(notice);
    }

    fn share(ctx: &Context<Self>) {
        let Some(window) = window() else { return };
        let Ok(href) = window.location().href() else { return };
        let copied = window.is_secure_context().then(|| window.navigator().clipboard().write_text(&href));
        ctx.link().send_future(async move {
            let copied = match copied {
                Some(promise) => wasm_bindgen_futures::JsFuture::from(promise).await.is_ok(),
                None => false,
            };
            Message::Say(if copied {
                Notice::done("Link copied. It shows the same to everybody who has opened the same files; the files are not in it.".to_owned())
            } else {
                Notice::done(format!("Copy this link: {href}"))
            })
        });
    }
}

/// What was wrong with loaded files, as a notice.
fn findings(findings: &[Problem], accepted: bool) -> Notice {
    let line = |problem: &Problem| match &problem.place {
        Some(place) if !place.path.is_empty() => format!("{}: {}", place.path, problem.message),
        _ => problem.message.clone(),
    };
    let broken = findings.iter().any(|problem| problem.severity == Severity::Error);
    let text = match (accepted, findings.len()) {
        (false, _) => "Nothing was loaded; what was there before stays.".to_owned(),
        (true, 1) => "Loaded, with a remark.".to_owned(),
        (true, count) => format!("Loaded, with {count} remarks."),
    };
    Notice { broken: broken || !accepted, text, details: findings.iter().map(line).collect() }
}

/// The value that tells most about an Application: one that a finding blames, else the one with the
/// longest history.
fn telling_value(report: &ApplicationReport, source: usize) -> Option<Vec<String>> {
    let rows = &report.sources.get(source)?.rows;
    let blamed = rows.iter().find(|row| row.errors > 0);
    let longest = || {
        let depth = rows.iter().filter(|row| row.children == 0).map(|row| row.overridden).max()?;
        rows.iter().find(|row| row.children == 0 && row.overridden == depth)
    };
    blamed.or_else(longest).map(|row| row.path.clone())
}

fn current_route() -> Route {
    Route::parse(&window().and_then(|window| window.location().hash().ok()).unwrap_or_default())
}

/// Whether list, values and cascade stand side by side.
fn is_wide() -> bool {
    let width = window().and_then(|window| window.inner_width().ok()).and_then(|width| width.as_f64());
    width.is_some_and(|width| width > 900.0)
}

/// The fragment is a route, so the link to the main part can't be one.
#[allow(clippy::needless_pass_by_value, reason = "the form of an event handler")]
fn skip_to_main(event: MouseEvent) {
    event.prevent_default();
    let main =
        window().and_then(|window| window.document()).and_then(|document| document.get_element_by_id("main"));
    if let Some(main) = main.and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = main.focus();
    }
}

/// What is heard wherever it happens.
fn listeners(on: &Callback<Message>) -> Vec<EventListener> {
    let Some(window) = window() else { return Vec::new() };
    let active = EventListenerOptions::enable_prevent_default();
    let moved = on.reform(|()| Message::Moved);
    let keys = on.clone();
    let (over, leave, dropped) = (on.clone(), on.clone(), on.clone());
    vec![
        EventListener::new(&window, "popstate", move |_| moved.emit(())),
        EventListener::new_with_options(&window, "keydown", active, move |event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
            if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
                event.prevent_default();
                keys.emit(Message::Dialog(Some(Dialog::Search)));
            }
        }),
        EventListener::new_with_options(&window, "dragover", active, move |event| {
            event.prevent_default();
            over.emit(Message::Dragging(true));
        }),
        EventListener::new(&window, "dragleave", move |event| {
            // Leaving one element for another is no leaving of the window.
            if event.dyn_ref::<DragEvent>().is_some_and(|event| event.related_target().is_none()) {
                leave.emit(Message::Dragging(false));
            }
        }),
        EventListener::new_with_options(&window, "drop", active, move |event| {
            event.prevent_default();
            dropped.emit(Message::Dragging(false));
            if let Some(transfer) = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer) {
                dropped.emit(Message::Load(Input::dropped(&transfer)));
            }
        }),
    ]
}
