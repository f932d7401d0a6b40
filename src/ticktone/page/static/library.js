// The songs that this browser has sent: remembered until they expire or are removed.
// @ts-check

import * as api from "./api.js";
import { clock, lifetime } from "./words.js";

const KEY = "ticktone.songs";
const BUSY = 1000; // milliseconds between two questions while something is being split...
const IDLE = 15_000; // ...and while nothing is

/** @returns {{id: string, name: string}[]} */
function stored() {
  try {
    const songs = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(songs) ? songs.filter(({ id, name }) => id && name) : [];
  } catch {
    return []; // no storage, or not ours: the address alone finds the song then
  }
}

/** @param {{id: string, name: string}[]} songs */
function store(songs) {
  try {
    localStorage.setItem(KEY, JSON.stringify(songs));
  } catch {
    // as above
  }
}

/** @param {{id: string, name: string}} song */
export function remember({ id, name }) {
  store([{ id, name }, ...stored().filter((song) => song.id !== id)]);
}

/** @param {string} id */
export function drop(id) {
  store(stored().filter((song) => song.id !== id));
}

/** @param {string} id */
export function nameOf(id) {
  return stored().find((song) => song.id === id)?.name;
}

/** @param {Song} song */
function stateWords({ state, ahead, seconds, duration, left, expires, error }) {
  if (state === "waiting") return `waits: number ${ahead + 1} in the queue`;
  if (state === "done") return `done; kept for another ${lifetime(expires)}`;
  if (state === "failed") return `failed: ${error}`;
  const share = duration ? `, ${Math.floor((100 * seconds) / duration)} %` : "";
  return `being split${share}${left === null ? "" : `, about ${clock(left)} left`}`;
}

// The list on the page. `sending` returns what is still on its way to the server: {name, words}.
export class Library {
  /**
   * @param {HTMLElement} root
   * @param {HTMLTemplateElement} template
   * @param {{sending: () => Row[], removed: (id: string) => void}} callbacks
   */
  constructor(root, template, { sending, removed }) {
    this._root = root;
    this._template = template;
    this._sending = sending;
    this._removed = removed;
    /** @type {Map<string, Song>} */
    this._known = new Map(); // what the server last said, by id
    addEventListener("storage", ({ key }) => key === KEY && this.refresh());
    document.addEventListener("visibilitychange", () => !document.hidden && this.refresh());
  }

  // Takes in a song that has just been sent.
  /** @param {Song} song */
  add(song) {
    remember(song);
    this._known.set(song.id, song);
    this.refresh();
  }

  async refresh() {
    clearTimeout(this._timer);
    const asked = stored();
    if (asked.length) {
      try {
        const told = await api.songs(asked.map(({ id }) => id));
        this._known = new Map(told.map((song) => [song.id, song]));
        for (const { id } of asked) if (!this._known.has(id)) drop(id); // expired, or removed
      } catch {
        // The server is away; the songs may be there again when it answers.
      }
    }
    this.draw();
    const busy = [...this._known.values()].some(({ state }) => /waiting|working/.test(state));
    clearTimeout(this._timer);
    if (!document.hidden) this._timer = setTimeout(() => this.refresh(), busy ? BUSY : IDLE);
  }

  draw() {
    const songs = stored().flatMap(
      /** @returns {Song | Song[]} */
      ({ id }) => this._known.get(id) ?? [],
    );
    /** @type {Row[]} */
    const rows = [
      ...this._sending().map(({ key, name, words, remove }) => ({ key, name, words, remove })),
      ...songs.map((song) => ({
        key: song.id,
        name: song.name,
        words: `${song.method}; ${stateWords(song)}`,
        address: `#${song.id}`,
        state: song.state,
        remove: () => this._remove(song.id),
      })),
    ];
    const list = /** @type {HTMLElement} */ (this._root.querySelector("ol"));
    const children = /** @type {HTMLCollectionOf<HTMLElement>} */ (list.children);
    const present = new Map(Array.from(children, (item) => [item.dataset.key, item]));
    const items = rows.map((row) => this._item(present.get(row.key), row));
    // A row that stays is the same element, so that the focus is not lost.
    for (const [key, item] of present) if (!rows.some((row) => row.key === key)) item.remove();
    items.forEach((item, index) => {
      if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
    });
    this._root.hidden = rows.length === 0;
    const done = songs.filter(({ state }) => state === "done");
    const zip = /** @type {HTMLAnchorElement} */ (this._root.querySelector(".zip"));
    zip.hidden = done.length < 2;
    zip.href = api.zipAddress(done.map(({ id }) => id));
  }

  /**
   * @param {HTMLElement | undefined} present
   * @param {Row} row
   */
  _item(present, { key, name, words, address, state, remove }) {
    const content = /** @type {DocumentFragment} */ (this._template.content.cloneNode(true));
    const item = present ?? /** @type {HTMLElement} */ (content.querySelector("li"));
    /** @type {(selector: string) => any} */
    const find = (selector) => item.querySelector(selector);
    item.dataset.key = key;
    item.dataset.state = state ?? "sending";
    find("a").textContent = name;
    if (address) find("a").href = address;
    if (address && address === location.hash) find("a").setAttribute("aria-current", "page");
    else find("a").removeAttribute("aria-current");
    if (find(".state").textContent !== words) find(".state").textContent = words;
    find("button").setAttribute("aria-label", `Remove ${name}`);
    find("button").onclick = remove;
    return item;
  }

  /** @param {string} id */
  _remove(id) {
    api.forget(id);
    drop(id);
    this._known.delete(id);
    this.draw();
    this._removed(id);
  }
}
