// Service worker: keeps a copy of the page, so that it starts without a network.
// The page itself is asked for anew when there is a network; all other files carry a hash of their
// content in their names and never change.
const shell = "./";

const cacheName = async (html) => {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(html));
  return "strata-" + Array.from(new Uint8Array(digest).slice(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
};

// Stores the page and every file that it names, then drops older copies.
const store = async (response) => {
  const html = await response.clone().text();
  const name = await cacheName(html);
  if (await caches.has(name)) return;
  const files = [...html.matchAll(/(?:src|href|data-[a-z-]+)="?(\.\/[^"\s>]+)/g)].map((found) => found[1]);
  const cache = await caches.open(name);
  try {
    await cache.addAll(new Set(files));
    await cache.put(shell, response);
  } catch (error) {
    await caches.delete(name);
    throw error;
  }
  for (const old of await caches.keys()) if (old.startsWith("strata-") && old !== name) await caches.delete(old);
};

const answer = async (request) => {
  if (request.mode === "navigate") {
    try {
      const response = await fetch(request);
      if (response.ok) await store(response.clone()).catch(() => {});
      return response;
    } catch (error) {
      const kept = await caches.match(shell);
      if (kept) return kept;
      throw error;
    }
  }
  return (await caches.match(request)) ?? fetch(request);
};

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(fetch(shell).then(store));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && new URL(request.url).origin === location.origin) event.respondWith(answer(request));
});
