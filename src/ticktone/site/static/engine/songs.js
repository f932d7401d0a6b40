// The songs of this browser: those that wait, the one at work, and those that are kept.
// @ts-check

import { loadNetworks } from "./ort.js";
import { remix } from "./remix.js";
import { PARTS, split } from "./split.js";
import { WavWriter } from "./wav_writer.js";

const NOTE = "song.json";
const DECODED = "decoded";
const GONE = "This song is no longer kept: it was removed, or its time was up.";

/** A failure that the page knows how to tell. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {number} status
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

export class Songs {
  /**
   * @param {Store} store
   * @param {SiteSettings} settings
   * @param {(file: Blob, write: (bytes: Uint8Array) => void) => Promise<void>} decode
   */
  constructor(store, settings, decode) {
    this._store = store;
    this._settings = settings;
    this._decode = decode;
    /** @type {Map<string, Kept>} */
    this._own = new Map(); // those that wait or are at work here
    /** @type {Kept[]} */
    this._queue = [];
    /** @type {Kept | null} */
    this._working = null;
    /** @type {Map<string, Promise<Networks>>} */
    this._networks = new Map();
    this._written = Promise.resolve(); // the notes asked for so far
  }

  // Removes what was not used for so long that nobody is told any more that it is there.
  async removeOld() {
    for (const id of await this._store.list()) {
      const song = await this._read(id);
      if (!song || (isEnded(song) && this._expires(song) <= 0)) await this._store.remove(id);
    }
  }

  /**
   * @param {File} file
   * @param {string} name
   * @param {string} method
   */
  async add(file, name, method) {
    const id = [...crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");
    await this._store.put(id, "source", file);
    /** @type {Kept} */
    const song = {
      ...{ id, name, method, state: "waiting", ahead: 0, seconds: 0, duration: null },
      ...{ error: null, result: null, began: 0, touched: Date.now() },
    };
    await this._take(song);
    return this._told(song);
  }

  /**
   * @param {string} id
   * @param {string} method
   */
  async again(id, method) {
    const song = await this._known(id);
    const source = await this._store.file(id, "source");
    if (!source) throw new Refusal(GONE, 404);
    return this.add(/** @type {File} */ (source), song.name, method);
  }

  /** @param {string} id */
  async song(id) {
    const song = await this._known(id);
    await this.touch(id);
    return this._told(song);
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<Song[]>}
   */
  async songs(ids) {
    const songs = await Promise.allSettled(ids.map((id) => this._known(id)));
    const there = songs.filter(({ status }) => status === "fulfilled");
    return there.map((song) => this._told(/** @type {any} */ (song).value));
  }

  /** @param {string} id */
  async touch(id) {
    const song = await this._known(id);
    if (!isEnded(song)) return;
    song.touched = Date.now();
    await this._write(song);
  }

  /** @param {string} id */
  async forget(id) {
    const song = this._own.get(id);
    if (song) song.state = "deleted";
    this._queue = this._queue.filter((other) => other !== song);
    if (song && song === this._working) return; // it is removed when it has stopped
    this._own.delete(id);
    song?.release?.();
    await this._written; // or a note would bring its folder back
    await this._store.remove(id);
  }

  // The files of a song's parts, by name.
  /** @param {string} id */
  async files(id) {
    const { format, samples } = (await this._known(id)).result;
    const files = PARTS.map(async (part) => {
      const content = await this._file(id, `${part}.coded`);
      const pad = content.size % 2 ? [new Uint8Array(1)] : [];
      const header = new WavWriter(format, () => {}).header(samples);
      return [part, new Blob([header, content, ...pad], { type: "audio/wav" })];
    });
    return Object.fromEntries(await Promise.all(files));
  }

  /**
   * @param {string} id
   * @param {string} part
   */
  samples(id, part) {
    return this._file(id, `${part}.exact`);
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  spectrogram(id, name) {
    return this._file(id, `${name}.spectrogram`);
  }

  /**
   * @param {string} id
   * @param {Levels} levels
   * @param {How} how
   */
  async remix(id, levels, how) {
    return remix(this._store, id, (await this._known(id)).result, levels, how);
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  async _file(id, name) {
    const file = await this._store.file(id, name);
    if (!file) throw new Refusal(GONE, 404);
    return file;
  }

  /**
   * @param {string} id
   * @returns {Promise<Kept>}
   */
  async _known(id) {
    const own = this._own.get(id);
    if (own) return own;
    const song = await this._read(id);
    if (!song) throw new Refusal(GONE, 404);
    if (!isEnded(song)) await this._adopt(song);
    return this._own.get(id) ?? song;
  }

  // Takes over a song whose page was closed or reloaded before it was done.
  /** @param {Kept} song */
  async _adopt(song) {
    const held = (await navigator.locks.query()).held ?? [];
    if (held.some(({ name }) => name === lockOf(song.id)) || this._own.has(song.id)) return;
    await this._take({ ...song, state: "waiting", seconds: 0, began: 0 });
  }

  // Queues a song; while this page lives, no other one takes it over.
  /** @param {Kept} song */
  async _take(song) {
    this._own.set(song.id, song);
    this._queue.push(song);
    await new Promise((taken) => {
      if (!navigator.locks) return taken(null);
      navigator.locks.request(lockOf(song.id), () => {
        taken(null);
        return new Promise((ended) => (song.release = () => ended(null)));
      });
    });
    await this._write(song);
    this._next();
  }

  async _next() {
    if (this._working) return;
    const song = this._queue.shift();
    if (!song) return;
    this._working = song;
    song.state = "working";
    try {
      await this._write(song);
      song.result = await this._split(song);
      this._become(song, "done");
    } catch (error) {
      song.error = `${song.name}: ${error.message}`;
      this._become(song, "failed");
    }
    this._working = null;
    song.touched = Date.now();
    if (this._isGone(song)) await this._store.remove(song.id);
    else await this._write(song).catch(() => {});
    song.release?.();
    this._own.delete(song.id);
    this._next();
  }

  /**
   * @param {Kept} song
   * @param {Song["state"]} state
   */
  _become(song, state) {
    if (!this._isGone(song)) song.state = state;
  }

  /** @param {Kept} song */
  _isGone({ state }) {
    return state === "deleted";
  }

  /**
   * @param {Kept} song
   * @returns {Promise<Result>}
   */
  async _split(song) {
    const file = await this._file(song.id, "source");
    const model = this._settings.models.find(({ name }) => name === song.method);
    if (!model) throw new Error(`${song.method} is not offered any longer; choose another method`);
    const networks = await this._loaded(model);
    song.began = Date.now(); // by now everything is loaded
    /**
     * @param {number} seconds
     * @param {number | null} duration
     */
    const report = async (seconds, duration) => {
      if (this._isGone(song)) throw new Error("was removed");
      Object.assign(song, { seconds, duration });
      await new Promise((resolve) => setTimeout(resolve)); // questions are answered meanwhile
    };
    const { id, name } = song;
    const longest = this._settings.limits.duration;
    /** @param {Blob} source */
    const decode = (source) => this._decoded(id, source);
    const order = { id, name, file, store: this._store, decode, model, networks };
    const result = await split({ ...order, longest, report });
    const elapsed = (Date.now() - song.began) / 1000;
    if (await this._store.file(id, DECODED)) await this._store.put(id, DECODED, new Blob()); // its room
    return { ...result, elapsed };
  }

  // A file that only the browser decodes, as a WAV file.
  /**
   * @param {string} id
   * @param {Blob} source
   */
  async _decoded(id, source) {
    const file = await this._store.create(id, DECODED);
    try {
      await this._decode(source, file.write);
    } finally {
      file.close();
    }
    return this._file(id, DECODED);
  }

  /** @param {ModelSettings} model */
  _loaded(model) {
    if (!this._networks.has(model.name)) {
      const networks = loadNetworks(model);
      this._networks.set(model.name, networks);
      networks.catch(() => this._networks.delete(model.name));
    }
    return this._networks.get(model.name);
  }

  /**
   * @param {string} id
   * @returns {Promise<Kept | null>}
   */
  async _read(id) {
    try {
      return JSON.parse(await (await this._store.file(id, NOTE)).text());
    } catch {
      return null; // there is none, or it was never written to its end
    }
  }

  // One note after the other, for a file that is being written cannot be opened again.
  /** @param {Kept} song */
  _write(song) {
    const write = () => this._store.put(song.id, NOTE, new Blob([JSON.stringify(song)]));
    const written = this._written.then(write);
    this._written = written.catch(() => {});
    return written;
  }

  /** @param {Kept} song */
  _expires({ touched }) {
    return this._settings.limits.keep - (Date.now() - touched) / 1000;
  }

  // What the page is told of a song, as the server's interface has it.
  /**
   * @param {Kept} song
   * @returns {Song}
   */
  _told(song) {
    const { id, name, method, state, seconds, duration, error, result, began } = song;
    const spent = (Date.now() - began) / 1000;
    const isKnown = state === "working" && duration && seconds >= 1;
    const ahead = Math.max(0, this._queue.indexOf(song)) + (this._working ? 1 : 0);
    return {
      ...{ id, name, method, state, seconds, duration, error, result },
      ahead: state === "waiting" ? ahead : 0,
      left: isKnown ? Math.max(0, (spent * (duration - seconds)) / seconds) : null,
      expires: isEnded(song) ? Math.max(0, this._expires(song)) : null,
    };
  }
}

/** @param {Kept} song */
function isEnded({ state }) {
  return ["done", "failed", "deleted"].includes(state);
}

/** @param {string} id */
function lockOf(id) {
  return `ticktone.${id}`;
}
