// The page from one state to the next. Each song has its own address: its id behind the "#".
// @ts-check

import * as api from "./api.js";
import { Desk } from "./desk.js";
import { Extent } from "./extent.js";
import { listen } from "./keys.js";
import { Library, drop, nameOf, remember } from "./library.js";
import { Methods } from "./methods.js";
import { Sender } from "./sender.js";
import { megabytes, progressOf, songs } from "./words.js";

/** @type {Find} */
const find = (id) => /** @type {any} */ (document.getElementById(id));
const STATES = ["empty", "working", "failed", "done"];
const desk = new Desk();
const methods = new Methods();
const extent = new Extent();
const sender = new Sender();
const library = new Library(find("songs"), find("song"), { sending, removed });
/** @type {Limits | null} */
let limits = null;
/** @type {{id: string, stop: () => void} | null} */
let current = null; // {id, stop}: the song that is shown or worked on
/** @type {Item | null} */
let expected = null; // what is being sent and will be shown as soon as it has arrived
/** @type {(() => void) | null} */
let retry = null; // what "Try again" does
/** @type {ReturnType<typeof setInterval> | null} */
let touching = null;

/**
 * @param {string} state
 * @param {string} [title]
 */
function show(state, title) {
  for (const name of STATES) find(name).hidden = name !== state;
  if (state === "failed") find("empty").hidden = false; // where another song is chosen
  document.title = title ? `${title} – ticktone` : "ticktone";
  find(`${state}-title`).focus();
}

/** @param {string} news */
function say(news) {
  if (find("news").textContent !== news) find("news").textContent = news;
}

// Leaves what is shown. It goes on, and can be found again.
function leave() {
  current?.stop();
  clearInterval(touching ?? undefined);
  find("news").textContent = "";
  current = expected = retry = null;
  desk.close();
}

// Shows what the address names.
function route() {
  leave();
  const id = location.hash.slice(1);
  if (id) open(id);
  else show("empty");
  library.draw();
}

/** @param {string} id */
function go(id) {
  if (location.hash.slice(1) === id) route();
  else location.hash = id; // and so to `route`
}

function goHome() {
  if (location.hash) history.pushState(null, "", location.pathname);
  find("file").value = "";
  route();
}

/**
 * @param {Failure} error
 * @param {() => void} [again]
 */
function fail(error, again) {
  leave();
  retry = again ?? null;
  find("retry").hidden = !again;
  find("reason").textContent = error.message;
  show("failed", "That did not work");
  library.draw();
}

/** @param {string} id */
function open(id) {
  showWaiting(nameOf(id) ?? "Your song", "Looking for it…");
  /** @param {Failure} error */
  const lost = (error) => {
    if (current?.id !== id) return;
    if (error.status !== 404) {
      fail(error, route);
      return;
    }
    drop(id);
    fail(new Error("This song is no longer kept: its time was up, or the server has ended."));
  };
  current = { id, stop: api.follow(id, hear, lost) };
}

/**
 * @param {string} name
 * @param {string} words
 */
function showWaiting(name, words) {
  find("working-title").textContent = name;
  find("working-words").textContent = words;
  find("progress").removeAttribute("value");
  find("working").style.removeProperty("--share");
  show("working", name);
}

// Sends files to be split. One that is dropped while nothing else is shown is shown as it comes.
/** @param {File[]} files */
async function split(files) {
  if (!files.length || !(await begun)) return; // dropped before methods and limits are known
  /** @type {File[]} */
  const small = [];
  for (const file of files) {
    if (!limits || file.size <= limits.upload) small.push(file);
    else refuseLarge(file, files.length === 1);
  }
  let excerpt;
  try {
    excerpt = extent.chosen;
  } catch {
    find("file").value = "";
    find("from").focus(); // what is wrong stands beside it
    return;
  }
  const watched = files.length === 1 && !find("empty").hidden;
  if (watched && small.length) {
    leave();
    showWaiting(files[0].name, "Taking it in…");
  }
  const items = sender.add(small, methods.chosen, excerpt, watched);
  if (watched) [expected] = items;
  else if (small.length) say(`${songs(small.length)} queued.`);
  find("file").value = "";
}

/**
 * @param {File} file
 * @param {boolean} alone
 */
function refuseLarge(file, alone) {
  const most = megabytes(limits?.upload ?? 0);
  const why = `${file.name}: larger than the ${most} that this page takes.`;
  if (alone) fail(new Error(why));
  else say(why);
}

sender.addEventListener("arrived", (event) => {
  const { item, song } = /** @type {CustomEvent<{item: Item, song: Song}>} */ (event).detail;
  const wanted = expected === item;
  library.add(song);
  if (wanted) go(song.id);
});
sender.addEventListener("refused", (event) => {
  const { item, error } = /** @type {CustomEvent<{item: Item, error: Failure}>} */ (event).detail;
  if (expected !== item) return; // the list tells
  sender.remove(item);
  fail(error, () => split([item.file]));
});
sender.addEventListener("change", () => library.draw());

function sending() {
  return sender.items
    .filter((item) => item !== expected)
    .map((item) => ({
      key: item.key,
      name: item.file.name,
      words: item.error
        ? `not sent: ${item.error.message}`
        : item.waits
          ? "the queue is full; it is sent when there is room"
          : "is being sent",
      remove: () => sender.remove(item),
    }));
}

/** @param {string} id */
function removed(id) {
  if (current?.id === id) goHome();
}

/** @param {Song} song */
function hear(song) {
  if (song.state === "done") {
    if (desk.song?.id !== song.id) showDesk(song);
    else desk.update(song);
    document.title = `${song.name} – ticktone`;
    say(`${song.name} is split.`);
    // However long it is played, it can be downloaded.
    touching = setInterval(() => api.touch(song.id), 250 * (limits?.keep ?? 240));
    library.refresh();
  } else if (song.state === "failed") {
    const { id, excerpt } = song;
    fail(new Error(song.error), () => again(id, methods.chosen, excerpt));
  } else if (song.state === "deleted") {
    drop(song.id);
    fail(new Error("This song was removed, here or in another window, or the server has ended."));
  } else if (song.sound?.samples) {
    if (desk.song?.id !== song.id) showDesk(song);
    else desk.update(song);
    showShare(song);
  } else {
    showProgress(song);
  }
  remember(song);
}

// Shows what can be heard of a song.
/** @param {Song} song */
function showDesk(song) {
  find("again-method").value = song.method;
  show("done", song.name);
  desk.show(song, limits).catch((error) => {
    // While it is being split, what follows the song tells why its samples break off.
    if (current?.id === song.id && desk.song?.result) fail(error, route);
  });
}

// Splits the recording of a song again, by the method that is chosen now.
/**
 * @param {string} id
 * @param {string} method
 * @param {Excerpt | null} [excerpt]
 */
async function again(id, method, excerpt = null) {
  try {
    const song = await api.again(id, method, excerpt);
    library.add(song);
    go(song.id);
  } catch (error) {
    fail(/** @type {Failure} */ (error), () => again(id, method, excerpt));
  }
}

/** @param {Song} song */
function showProgress(song) {
  const { name, state, seconds, duration } = song;
  const bar = find("progress");
  if (duration && state === "working" && seconds) bar.value = seconds / duration;
  else bar.removeAttribute("value");
  find("working-title").textContent = name;
  find("working").style.setProperty("--share", `${duration ? (100 * seconds) / duration : 0}%`);
  find("working-words").textContent = progressOf(song);
  showShare(song);
}

/** @param {Song} song */
function showShare({ name, state, seconds, duration }) {
  const share = duration ? seconds / duration : null;
  const percent = share === null ? "" : `${Math.floor(100 * share)} %`;
  document.title = `${percent} ${name} – ticktone`.trim();
  if (state === "working") say(share ? `${Math.floor(4 * share) * 25} %` : "Splitting");
}

// Learns what there is to choose from; whether that went well.
async function begin() {
  const told = await api.server();
  limits = told.limits;
  methods.show(told.methods, told.default, told.purposes);
  desk.offers = told.offers ?? [];
  find("no-song").hidden = !("demo" in api);
  find("extent-choice").hidden = !desk.offers.includes("excerpts");
  find("allowed").textContent =
    `WAV, FLAC, MP3, OGG and more; up to ${limits.duration / 60} minutes and ` +
    `${megabytes(limits.upload)} each.`;
  await library.refresh();
  if (location.hash) route();
}

function cancel() {
  if (expected) sender.remove(expected);
  if (current) remove(current.id);
  goHome();
}

/** @param {string} id */
function remove(id) {
  api.forget(id);
  drop(id);
  library.refresh();
}

find("file").addEventListener("change", () => split([...(find("file").files ?? [])]));
find("cancel").addEventListener("click", cancel);
find("remove").addEventListener("click", cancel);
find("retry").addEventListener("click", () => retry?.());
find("home").addEventListener("click", goHome);
find("stop").addEventListener("click", cancel);
find("again").addEventListener("click", () => {
  if (desk.song) again(desk.song.id, find("again-method").value, desk.song.excerpt);
});
find("whole").addEventListener("click", () => {
  if (desk.song) again(desk.song.id, desk.song.method);
});
find("demo").addEventListener("click", async () => {
  try {
    split([await api.demo()]);
  } catch (error) {
    fail(/** @type {Failure} */ (error), () => find("demo").click());
  }
});
find("another").addEventListener("click", goHome);
addEventListener("hashchange", route);
addEventListener("popstate", () => !location.hash && current && route());

document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("dropping");
});
document.addEventListener("dragleave", ({ relatedTarget }) => {
  if (!relatedTarget) document.body.classList.remove("dropping");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  split([...(event.dataTransfer?.files ?? [])]);
});

listen({
  enabled: () => !find("done").hidden && find("keys").checked,
  play: () => desk.play(),
  move: (seconds) => desk.move(seconds),
  loop: () => desk.loop(),
  escape: () => desk.escape(),
  zoom: (times) => desk.zoom(times),
  original: () => desk.compare(),
  loopStart: () => desk.loopFrom("start"),
  loopEnd: () => desk.loopFrom("end"),
  toggle: (index, kind) => desk.toggle(index, kind),
});

const begun = begin().then(
  () => true,
  (error) => {
    fail(error, () => location.reload());
    return false;
  },
);
