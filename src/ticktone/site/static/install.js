// Keeps the site for use without a network, and isolates it from other sites, so that the engine
// may use threads, where the host does not do so by its headers.
// @ts-check

const TRIED = "ticktone.isolating"; // only once: not every browser lets it

async function install() {
  const workers = navigator.serviceWorker;
  if (!workers) return; // not over https, or a private window: it works from the network then
  await workers.register(new URL("service_worker.js", document.baseURI), { updateViaCache: "none" });
  await workers.ready;
  if (!workers.controller) {
    await new Promise((taken) => workers.addEventListener("controllerchange", taken, { once: true }));
  }
  document.documentElement.dataset.installed = "";
  if (!crossOriginIsolated && isIdle() && !sessionStorage.getItem(TRIED)) {
    sessionStorage.setItem(TRIED, "1");
    location.reload(); // by way of the service worker, which adds the headers
  }
}

// Whether a reload would disturb nobody.
function isIdle() {
  const busy = document.querySelector("#songs li:not([data-state=done], [data-state=failed])");
  return !document.getElementById("empty").hidden && !busy;
}

install().catch(() => {}); // the page works without
