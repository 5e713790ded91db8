//! The page as a whole: what is loaded, what is shown, and what the two have to do with each other.

use crate::browser::{current_route, is_wide, listeners, skip_to_main};
use crate::change::{Change, Changed, apply};
use crate::components::{Footer, Header, LoadBar, Notice, Notices, OpenDialog, SearchDialog};
use crate::engine::Engine;
use crate::loading::{Cancel, Input};
use crate::message::{Progress, Request};
use crate::pages::{Changes, Clusters, Explore, Problems, Sets};
use crate::platform::Platform;
use crate::rendered::{self, Rendering};
use crate::route::{Route, View};
use crate::shared::Shared;
use crate::theme::Theme;
use gloo_events::EventListener;
use strata::report::{ApplicationReport, Cascade, FileReport, Problem, Severity};
use wasm_bindgen::JsValue;
use web_sys::window;
use yew::prelude::*;

/// Breakdowns of the engine in a row after the last of which it is not started again.
const BREAKDOWNS: usize = 2;

/// The page.
pub struct App {
    engine: Option<Engine>,
    on: Callback<Message>,
    route: Route,
    platform: Option<Shared<Platform>>,
    report: Option<(usize, Shared<ApplicationReport>)>,
    cascade: Option<Shared<Cascade>>,
    file: Option<Shared<FileReport>>,
    rendering: Rendering,
    /// What was asked for last, so that late answers to older questions are known as such.
    asked: Asked,
    loading: Option<Loading>,
    /// What is to be done when the load under way is given up.
    next: Option<Change>,
    /// What led to the platform, to be done again by a new engine.
    done: Vec<Change>,
    /// How often the engine has broken down since the user last went somewhere.
    breakdowns: usize,
    /// Why the engine broke down, until what was loaded is back.
    broken: Option<String>,
    /// A fixtures file that was refused, with what is wrong with it.
    refused: Option<Shared<(String, Vec<Problem>)>>,
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
    /// What is loaded is understood otherwise.
    Set(Request),
    /// Changes of what is loaded are over.
    Changed(Changed),
    /// The engine has broken down, and why.
    Broken(String),
    /// The user gives up a load.
    Cancel,
    /// An Application came.
    Report(usize, Option<ApplicationReport>),
    /// A cascade came.
    Cascade(CascadeOf, Option<Cascade>),
    /// A file came.
    File((String, String), Option<FileReport>),
    /// Something about rendering everything.
    Render(rendered::Step),
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
    /// The link to what is shown goes to the clipboard.
    Share,
}

impl Component for App {
    type Message = Message;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let on = ctx.link().callback(|message| message);
        let broken = on.reform(Message::Broken);
        let engine = Engine::connect(move |text| broken.emit(text));
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
            rendering: Rendering::default(),
            asked: Asked::default(),
            loading: None,
            next: None,
            done: Vec::new(),
            breakdowns: 0,
            broken: None,
            refused: None,
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
            Message::Load(input) => self.change(ctx, Change::Load(input)),
            Message::Set(request) => self.change(ctx, Change::Set(request)),
            Message::Progress(progress) => match &mut self.loading {
                Some(loading) => loading.progress = Some(progress),
                None => return false,
            },
            Message::Changed(changed) => self.changed(ctx, changed),
            Message::Broken(why) => self.recover(ctx, why),
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
                let (repository, path) = asked;
                let nothing = || FileReport { repository, path, ..FileReport::default() };
                self.file = Some(Shared::new(file.unwrap_or_else(nothing)));
            }
            Message::Render(step) => {
                if let Some(engine) = &self.engine {
                    self.rendering.step(engine, &self.on, step);
                }
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
            Message::Share => Self::share(ctx),
        }
        true
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        let problems = self.platform.as_ref().map_or(0, |platform| platform.problem_count());
        let problems = problems + self.rendering.found.problem_count();
        html! {
            <>
                <a class="skip-link" href="#main" onclick={skip_to_main}>{"Skip to the values"}</a>
                <Header route={self.route.clone()} {problems} theme={self.theme} on={self.on.clone()} />
                { self.view_aside() }
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
    /// That the example is shown and the user's files are not, where there are some.
    fn view_aside(&self) -> Html {
        let Some(true) = self.platform.as_ref().and_then(|platform| platform.overview.example) else {
            return Html::default();
        };
        let back = self.on.reform(|_: MouseEvent| Message::Set(Request::CloseExample));
        html! {
            <div class="put-aside" role="status">
                <span>{"This is the example. Your own files are put aside."}</span>
                <button class="button" type="button" onclick={back} disabled={self.loading.is_some()}>{"Back to your files"}</button>
            </div>
        }
    }

    fn view_page(&self) -> Html {
        let (Some(platform), Some(engine)) = (&self.platform, &self.engine) else {
            return html! { <main id="main" class="starting" tabindex="-1"><p role="status">{"Starting…"}</p></main> };
        };
        match self.route.view {
            View::Explore | View::Manifests | View::Trace => html! {
                <Explore
                    engine={engine.clone()}
                    platform={platform.clone()}
                    route={self.route.clone()}
                    report={self.report.clone()}
                    cascade={self.cascade.clone()}
                    file={self.file.clone()}
                    rendered={self.rendering.found.clone()}
                    on={self.on.clone()}
                />
            },
            View::Clusters => html! {
                <Clusters
                    platform={platform.clone()}
                    engine={engine.clone()}
                    route={self.route.clone()}
                    rendered={self.rendering.found.clone()}
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
            View::Problems => html! {
                <Problems
                    platform={platform.clone()}
                    engine={engine.clone()}
                    route={self.route.clone()}
                    rendered={self.rendering.found.clone()}
                    file={self.file.clone()}
                    on={self.on.clone()}
                />
            },
            View::Sets => html! {
                <Sets
                    platform={platform.clone()}
                    route={self.route.clone()}
                    refused={self.refused.clone()}
                    busy={self.loading.is_some()}
                    file={self.file.clone()}
                    on={self.on.clone()}
                />
            },
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
        if step == Step::Push {
            self.breakdowns = 0;
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
        let wanted = matches!(self.route.view, View::Problems | View::Clusters);
        self.rendering.begin(engine, &self.on, platform.applications().len(), wanted);
        let application = match &self.route.application {
            Some((set, name)) => platform.find(set, name),
            None => platform.first(),
        };
        if application.is_none() {
            self.report = None;
        }
        if application != self.asked.application {
            self.asked.application = application;
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
        if route.view.is_of_application() && self.go(ctx, route, Step::Replace) {
            return true;
        }
        self.refresh_cascade(ctx);
        true
    }

    /// Begins a change. Files that are to be loaded meanwhile come in place of it.
    fn change(&mut self, ctx: &Context<Self>, change: Change) {
        let Some(engine) = &self.engine else { return };
        self.dragging = false;
        match (&self.loading, &change) {
            (Some(loading), Change::Load(_)) => {
                loading.give_up(engine);
                self.dialog = None;
                self.next = Some(change);
            }
            (Some(_), Change::Set(_)) => {}
            (None, _) => {
                self.dialog = None;
                self.apply(ctx, vec![change]);
            }
        }
    }

    fn apply(&mut self, ctx: &Context<Self>, changes: Vec<Change>) {
        let Some(engine) = self.engine.clone() else { return };
        let cancel = Cancel::default();
        self.loading = Some(Loading { cancel: cancel.clone(), progress: None });
        let on = self.on.clone();
        ctx.link().send_future(async move {
            let progress = |progress| on.emit(Message::Progress(progress));
            Message::Changed(apply(engine, changes, cancel, progress).await)
        });
    }

    fn changed(&mut self, ctx: &Context<Self>, changed: Changed) {
        self.loading = None;
        self.done.extend(changed.done);
        if self.broken.is_some() && changed.cancelled {
            // The engine broke down on it, so it is left out.
            return self.load_again(ctx);
        }
        let load = changed.load;
        if let Some(platform) = load.platform {
            self.show_platform(ctx, platform);
        }
        if let Some(why) = self.broken.take() {
            self.say(Notice::error(format!(
                "The engine broke down ({why}) and was started again. What was loaded before is back."
            )));
        } else if !changed.cancelled {
            let accepted = changed.failed.is_none();
            self.refused = None;
            match (load.refused, changed.failed) {
                (Some(why), _) => self.say(Notice::error(why)),
                (None, Some(Change::Set(Request::SetFixtures(text)))) => {
                    self.refused = Some(Shared::new((text, load.findings)));
                }
                _ if !load.findings.is_empty() => self.say(findings(&load.findings, accepted)),
                _ => {}
            }
        }
        if let Some(next) = self.next.take() {
            self.change(ctx, next);
        }
    }

    fn show_platform(&mut self, ctx: &Context<Self>, platform: Shared<Platform>) {
        let first = self.platform.is_none();
        let known =
            self.route.application.as_ref().is_none_or(|(set, name)| platform.find(set, name).is_some());
        self.platform = Some(platform);
        self.rendering = Rendering::default();
        self.asked = Asked::default();
        self.cascade = None;
        if !known && !first {
            let view = if self.route.view.is_of_application() { View::Explore } else { self.route.view };
            self.go(ctx, Route { view, ..Route::default() }, Step::Push);
        }
        self.refresh(ctx);
    }

    /// Starts a new engine in place of one that broke down, and loads what was loaded.
    fn recover(&mut self, ctx: &Context<Self>, why: String) {
        self.breakdowns += 1;
        self.rendering = Rendering::default();
        let started = self.breakdowns <= BREAKDOWNS && self.engine.as_ref().is_some_and(Engine::restart);
        if !started {
            self.say(Notice::error(format!("The engine has stopped: {why}. Reload the page to go on.")));
            return;
        }
        self.broken = Some(why);
        if self.breakdowns == BREAKDOWNS {
            // What is shown seems to be what it breaks down on.
            self.go(ctx, Route { view: View::Sets, ..Route::default() }, Step::Replace);
        }
        match &self.loading {
            Some(loading) => loading.cancel.cancel(),
            None => self.load_again(ctx),
        }
    }

    fn load_again(&mut self, ctx: &Context<Self>) {
        let changes = std::mem::take(&mut self.done);
        self.apply(ctx, changes);
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
        Some(place) if !place.path.is_empty() => {
            format!("{}:{}: {}", place.path, place.line, problem.message)
        }
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
