// Starts the two programs: the engine in its worker at once, the page beside it.
// It runs before the first paint, so the remembered theme is set here too.
{
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("strata.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // Storage may be forbidden; the theme of the system is used then.
  }

  const programs = document.querySelector("meta[name=programs]").dataset;
  const at = (path) => new URL(path, document.baseURI).href;
  // Called again when the engine has broken down.
  globalThis.strataStart = () => {
    globalThis.strataEngine?.terminate();
    globalThis.strataEngine = new Worker(at(programs.engine), { type: "module", name: "strata-engine" });
    return globalThis.strataEngine;
  };
  globalThis.strataStart();

  const show = (error) => {
    const text = document.createElement("p");
    text.className = "fatal";
    text.setAttribute("role", "alert");
    text.textContent = `Strata could not start: ${error}`;
    document.body.append(text);
  };
  const body = new Promise((ready) => document.addEventListener("DOMContentLoaded", ready, { once: true }));
  const fetched = import(at(programs.program)).then(({ program }) => program(at(programs.pageProgram)));
  Promise.all([import(at(programs.page)), fetched, body])
    .then(([page, program]) => page.default(program))
    .catch(show);

  // A copy for the next start without a network. Not offered by browsers on plain http except for localhost.
  addEventListener("load", () => navigator.serviceWorker?.register(at("offline.js")).catch(() => {}), { once: true });
}
