// Songs on their way to the server, one after the other; each is kept until it has arrived.
// @ts-check

import * as api from "./api.js";

const AGAIN = 3000; // milliseconds until a server that was full is asked again

export class Sender extends EventTarget {
  constructor() {
    super();
    /** @type {Item[]} */
    this.items = []; // {key, file, method, excerpt, error, alone}
    this._count = 0;
    /** @type {{item: Item, controller: AbortController} | null} */
    this._active = null; // {item, controller}
  }

  // Queues files; `alone` marks one that somebody waits for, and is told at once if it is refused.
  /**
   * @param {File[]} files
   * @param {string} method
   * @param {Excerpt | null} excerpt
   * @param {boolean} alone
   */
  add(files, method, excerpt, alone) {
    const items = files.map((file) => ({
      ...{ key: `sending ${this._count++}`, file, method, excerpt, alone },
      ...{ error: null, waits: false },
    }));
    this.items.push(...items);
    this._changed();
    this._next();
    return items;
  }

  /** @param {Item} item */
  remove(item) {
    this.items = this.items.filter((other) => other !== item);
    if (this._active?.item === item) this._active.controller.abort();
    this._changed();
    this._next();
  }

  _changed() {
    this.dispatchEvent(new Event("change"));
  }

  async _next() {
    if (this._active) return;
    const item = this.items.find(({ error }) => !error);
    if (!item) return;
    const controller = new AbortController();
    this._active = { item, controller };
    try {
      const song = await api.upload(item.file, item.method, controller.signal, item.excerpt);
      if (!this.items.includes(item)) api.forget(song.id); // it was removed as it arrived
      else {
        this.items = this.items.filter((other) => other !== item);
        this.dispatchEvent(new CustomEvent("arrived", { detail: { item, song } }));
      }
    } catch (error) {
      if (this.items.includes(item)) await this._refused(item, /** @type {Failure} */ (error));
    }
    this._active = null;
    this._changed();
    this._next();
  }

  /**
   * @param {Item} item
   * @param {Failure} error
   */
  async _refused(item, error) {
    if (error.status === 503 && !item.alone) {
      item.waits = true;
      this._changed();
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
      return;
    }
    item.error = error;
    this.dispatchEvent(new CustomEvent("refused", { detail: { item, error } }));
  }
}
