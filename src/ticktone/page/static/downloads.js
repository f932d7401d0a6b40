// What is taken away: a part, the mix, a stem file; in what format, and how much of it.
// @ts-check

import * as api from "./api.js";
import { limitedWords } from "./mixer.js";

/** @type {Find} */
const find = (id) => /** @type {any} */ (document.getElementById(id));

export class Downloads {
  /** @param {import("./desk.js").Desk} desk */
  constructor(desk) {
    this._desk = desk;
    find("remix").addEventListener("click", () => this._remix());
    find("stems").addEventListener("click", () => this._stems());
    document.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target);
      const link = /** @type {HTMLAnchorElement | null} */ (target.closest("a[download]"));
      if (link && event.isTrusted) this._follow(event, link);
    });
  }

  // Shows what can be had: all of it once the song is done.
  /** @param {string[]} offers */
  show(offers) {
    const { song, player } = this._desk.shown;
    find("stems").hidden = !offers.includes("stems");
    for (const id of /** @type {const} */ (["remix", "stems"])) find(id).disabled = !song.result;
    find("only-loop").hidden = !player.selection;
  }

  /** @returns {How} */
  get _how() {
    const { selection, speed } = this._desk.shown.player;
    const [format, bitrate] = find("format").value.split(" ");
    const onlyLoop = find("only-loop").querySelector("input")?.checked;
    return {
      format,
      ...(bitrate && { bitrate }),
      ...(onlyLoop && selection),
      ...(speed !== 1 && { speed }),
    };
  }

  // A link that is followed fails without a word if the server is gone; so it is asked first.
  /**
   * @param {MouseEvent} event
   * @param {HTMLAnchorElement} link
   */
  async _follow(event, link) {
    if (!link.href.startsWith("http")) return; // made here
    event.preventDefault();
    const note = link.parentElement?.querySelector(".note") ?? find("remix-note");
    note.textContent = "";
    try {
      await api.server();
      follow(link.href);
    } catch (error) {
      note.textContent = /** @type {Error} */ (error).message;
    }
  }

  // Takes away a part, which says in `note` how it went.
  /**
   * @param {PartName} name
   * @param {HTMLButtonElement} button
   * @param {HTMLElement} note
   */
  part(name, button, note) {
    const { song } = this._desk.shown;
    const how = this._how;
    const file = song.result?.parts.find((part) => part.name === name)?.file ?? name;
    return this._make(button, note, async () => {
      if (how.format === "same" && Object.keys(how).length === 1) {
        await api.song(song.id); // as above
        follow(api.partAddress(song.id, name), file);
        return null;
      }
      return { made: await api.part(song.id, name, how), name: renamed(file, how) };
    });
  }

  async _remix() {
    const { song, mixer } = this._desk.shown;
    const note = find("remix-note");
    if (mixer.isSilent) {
      note.textContent = "Nothing can be heard in this mix: everything is muted or turned down.";
      return;
    }
    const { levels } = mixer;
    const how = this._how;
    await this._make(find("remix"), note, async () => ({
      made: await api.remix(song.id, levels, how),
      name: renamed(song.result?.remix ?? song.name, how),
    }));
  }

  async _stems() {
    const { song } = this._desk.shown;
    await this._make(find("stems"), find("remix-note"), async () => ({
      made: await api.stems(song.id),
      name: song.name.replace(/\.[^.]*$/, "") + ".stem.mp4",
    }));
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {HTMLElement} note
   * @param {() => Promise<{made: Made, name: string} | null>} make
   */
  async _make(button, note, make) {
    const { song } = this._desk;
    button.disabled = true;
    note.textContent = "Preparing the file…";
    let words = "";
    try {
      const found = await make();
      if (found) {
        const { content, limited, peak } = found.made;
        save(content, found.name);
        words = limited ? limitedWords(limited, peak) : `Saved as ${found.name}.`;
      }
    } catch (error) {
      words = /** @type {Error} */ (error).message;
    } finally {
      button.disabled = false;
    }
    if (this._desk.song === song) note.textContent = words;
  }
}

// A file's name in another format, of a part of the song, or at another speed.
/**
 * @param {string} name
 * @param {How} how
 */
function renamed(name, how) {
  const dot = name.lastIndexOf(".");
  const extension = how.format === "same" ? name.slice(dot) : `.${how.format}`;
  const speed = how.speed ? `.${Math.round(100 * how.speed)}%` : "";
  return `${name.slice(0, dot)}${"start" in how ? ".loop" : ""}${speed}${extension}`;
}

// name: to save it under, where the answer names none.
/**
 * @param {string} address
 * @param {string} [name]
 */
function follow(address, name = "") {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}

/**
 * @param {Blob} content
 * @param {string} name
 */
function save(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it by and by
}
