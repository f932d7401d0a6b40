// Answers for the site's own files from what was kept when it was installed, with the headers that
// isolate it; nothing else is asked of anyone.
// @ts-check

/** @typedef {ServiceWorkerGlobalScope & {SITE: {version: string, files: string[], headers: Record<string, string>}}} Scope */
const scope = /** @type {Scope} */ (/** @type {unknown} */ (self));
scope.importScripts("site_files.js"); // which sets SITE
const { version, files, headers } = scope.SITE;
const NAME = `ticktone ${scope.registration.scope} `; // several sites may share an origin

scope.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(NAME + version);
    await cache.addAll(files.map((file) => new Request(file, { cache: "no-cache" })));
  };
  event.waitUntil(keep());
});

scope.addEventListener("activate", (event) => {
  const take = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith(NAME) && name !== NAME + version) await caches.delete(name);
    }
    await scope.clients.claim();
  };
  event.waitUntil(take());
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && request.url.startsWith(scope.registration.scope)) {
    event.respondWith(answer(request));
  }
});

/** @param {Request} request */
async function answer(request) {
  const address = request.mode === "navigate" ? scope.registration.scope : request.url;
  const cache = await caches.open(NAME + version);
  const kept = (await cache.match(address, { ignoreSearch: true })) ?? (await fetch(request));
  const answered = new Headers(kept.headers);
  answered.delete("content-encoding"); // it is decoded
  answered.delete("content-length");
  for (const [name, value] of Object.entries(headers)) answered.set(name, value);
  return new Response(kept.body, { status: kept.status, headers: answered });
}
