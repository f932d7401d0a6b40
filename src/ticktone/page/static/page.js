// The page from one state to the next: empty, working, done or failed.

import * as api from "./api.js";
import { Desk } from "./desk.js";
import { listen } from "./keys.js";
import { clock, songs } from "./words.js";

const find = (id) => document.getElementById(id);
const desk = new Desk();
let limits = null;
let methods = [];
let current = null; // {id, stop}: the song that is shown or worked on
let uploading = null;
let touching = null;

function show(state, title) {
  for (const name of ["empty", "working", "failed", "done"]) find(name).hidden = name !== state;
  document.title = title ? `${title} – ticktone` : "ticktone";
  find(`${state}-title`).focus();
}

function say(news) {
  if (find("news").textContent !== news) find("news").textContent = news;
}

// Forgets the song at hand, here and on the server.
function leave() {
  uploading?.abort();
  current?.stop();
  if (current) api.forget(current.id);
  clearInterval(touching);
  current = uploading = null;
  desk.close();
}

function startAgain() {
  leave();
  find("file").value = "";
  show("empty");
}

function fail(error) {
  leave();
  find("reason").textContent = error.message;
  show("failed", "That did not work");
}

async function split(file) {
  leave();
  if (limits && file.size > limits.upload) {
    const most = Math.round(limits.upload / 1e6).toLocaleString("en");
    fail(new Error(`${file.name}: larger than the ${most} MB that this page takes.`));
    return;
  }
  find("working-title").textContent = file.name;
  find("working-words").textContent = "Taking it in…";
  find("progress").removeAttribute("value");
  find("working").style.removeProperty("--share");
  show("working", file.name);
  const ours = (uploading = new AbortController());
  try {
    const song = await api.upload(file, find("method").value, ours.signal);
    if (uploading !== ours) {
      api.forget(song.id); // it was cancelled as it arrived
      return;
    }
    uploading = null;
    current = { id: song.id, stop: api.follow(song.id, hear, fail) };
  } catch (error) {
    if (uploading === ours) fail(error);
  }
}

function hear(song) {
  if (song.state === "done") {
    say(`${song.name} is split.`);
    show("done", song.name);
    desk.show(song).catch(fail);
    // However long it is played, it can be downloaded.
    touching = setInterval(() => api.touch(song.id), 250 * limits.keep);
  } else if (song.state === "failed") {
    fail(new Error(song.error));
  } else if (song.state === "deleted") {
    fail(new Error("The server has ended; start “ticktone serve” again."));
  } else {
    showProgress(song);
  }
}

function showProgress({ name, state, ahead, seconds, duration }) {
  const bar = find("progress");
  const share = duration ? seconds / duration : null;
  if (share === null || state === "waiting" || seconds === 0) bar.removeAttribute("value");
  else bar.value = share;
  find("working").style.setProperty("--share", `${100 * (share ?? 0)}%`);
  const percent = share === null ? "" : `${Math.floor(100 * share)} %`;
  find("working-words").textContent =
    state === "waiting"
      ? `Waiting in the queue: ${ahead ? `${songs(ahead)} before this one` : "this song is next"}…`
      : seconds === 0
        ? "Beginning…"
        : share === null
          ? `Splitting… ${clock(seconds)} so far`
          : `Splitting… ${clock(seconds)} of ${clock(duration)}, ${percent}`;
  document.title = `${percent} ${name} – ticktone`.trim();
  if (state === "working") say(share ? `${Math.floor(4 * share) * 25} %` : "Splitting");
}

function describeMethod() {
  const method = methods.find(({ name }) => name === find("method").value);
  if (!method) return;
  const parts = method.parts.length === 3 ? " Leaves a third part that is neither." : "";
  find("method-note").textContent = `${method.paper}.${parts}`;
}

async function begin() {
  const told = await api.server();
  limits = told.limits;
  methods = told.methods;
  find("method").replaceChildren(
    ...methods.map(({ name }) => {
      const chosen = name === told.default;
      return new Option(chosen ? `${name} (recommended)` : name, name, chosen, chosen);
    }),
  );
  describeMethod();
  const most = Math.round(limits.upload / 1e6).toLocaleString("en");
  find("allowed").textContent =
    `WAV, FLAC, MP3, OGG and more; up to ${limits.duration / 60} minutes and ${most} MB.`;
}

find("file").addEventListener("change", ({ target }) => {
  if (target.files[0]) split(target.files[0]);
});
find("method").addEventListener("change", describeMethod);
find("cancel").addEventListener("click", startAgain);
find("retry").addEventListener("click", startAgain);
find("another").addEventListener("click", startAgain);

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
  const [file] = event.dataTransfer.files;
  if (file) split(file);
});
window.addEventListener("pagehide", ({ persisted }) => {
  if (!persisted && current) api.forget(current.id);
});

listen({
  enabled: () => !find("done").hidden && find("keys").checked,
  play: () => desk.play(),
  move: (seconds) => desk.move(seconds),
  loop: () => desk.loop(),
  loopStart: () => desk.loopFrom("start"),
  loopEnd: () => desk.loopFrom("end"),
  toggle: (index, kind) => desk.toggle(index, kind),
});

begin().catch(fail);
