// A row for each part: its fader, mute, solo and download; and the master beside them.
// @ts-check

import { OFF, decibels, gain, partName } from "./words.js";

const MEANS = {
  harmonic: "harmonic: voice, bass, keys",
  percussive: "percussive: what hits",
  residual: "residual: what neither rings nor hits",
};
const FLOOR = -60; // dB at which a meter is empty

/** @type {Find} */
const find = (id) => /** @type {any} */ (document.getElementById(id));

/** @returns {NodeListOf<HTMLElement>} */
function presetButtons() {
  return find("presets").querySelectorAll("[data-preset]");
}

export class Mixer {
  /**
   * @param {HTMLElement} container
   * @param {HTMLTemplateElement} template
   * @param {PartName[]} parts
   * @param {() => void} changed
   * @param {(name: PartName, button: HTMLButtonElement, note: HTMLElement) => void} download
   */
  constructor(container, template, parts, changed, download) {
    this._changed = changed;
    this._download = download;
    this._controls = new AbortController(); // of the listeners to what outlives this mixer
    this.master = 0; // dB
    this.rows = parts.map((name) => {
      const content = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
      const row = /** @type {HTMLElement} */ (content.querySelector(".part"));
      container.append(row);
      return this._fill(row, name);
    });
    const { signal } = this._controls;
    find("master").addEventListener("input", () => this.setMaster(find("master").value), { signal });
    find("master").addEventListener("dblclick", () => this.setMaster(0), { signal });
    find("reset").addEventListener("click", () => this.reset(), { signal });
    for (const button of presetButtons()) {
      button.addEventListener("click", () => this.choose(button.dataset.preset ?? "all"), { signal });
    }
    this._showMaster();
  }

  close() {
    this._controls.abort();
  }

  /**
   * @param {HTMLElement} row
   * @param {PartName} name
   * @returns {MixerRow}
   */
  _fill(row, name) {
    /** @type {(selector: string) => any} */
    const inRow = (selector) => row.querySelector(selector);
    const title = partName(name);
    const fader = inRow(".fader input");
    const state = {
      ...{ name, title, row, fader, picture: inRow(".picture"), meter: inRow(".meter span") },
      ...{ output: inRow("output"), download: inRow(".download"), note: inRow(".note") },
      ...{ level: 0, mute: false, solo: false },
    };
    row.dataset.part = name;
    row.setAttribute("aria-label", title);
    inRow("h3").textContent = title;
    inRow(".means").textContent = MEANS[name];
    fader.setAttribute("aria-label", `Level of ${title}`);
    fader.addEventListener("input", () => this._setLevel(state, fader.value));
    fader.addEventListener("dblclick", () => this._setLevel(state, 0));
    fader.setAttribute("aria-valuetext", decibels(0));
    for (const kind of /** @type {Switch[]} */ (["mute", "solo"])) {
      const button = inRow(`.${kind}`);
      button.setAttribute("aria-label", `${button.textContent} ${title}`);
      button.addEventListener("click", () => this._set(state, kind, !state[kind]));
    }
    const { download, note } = state;
    download.setAttribute("aria-label", `Download ${title}`);
    download.addEventListener("click", () => this._download(name, download, note));
    return state;
  }

  // Shows what there is to download, once the song is done.
  /** @param {Part[]} parts */
  finish(parts) {
    for (const { name, file, limited, peak } of parts) {
      const row = this.rows.find((row) => row.name === name);
      if (!row) continue;
      const { download, note } = row;
      download.disabled = false;
      download.title = file;
      download.setAttribute("aria-label", `Download ${file}`);
      if (limited) note.textContent = limitedWords(limited, peak);
    }
  }

  /**
   * @param {number} index
   * @param {Switch} kind
   */
  toggle(index, kind) {
    const row = this.rows[index];
    if (row) this._set(row, kind, !row[kind]);
  }

  // One click: "all", "no-drums" or "only-drums". The faders stay where they are.
  /** @param {string} preset */
  choose(preset) {
    for (const row of this.rows) {
      this._mark(row, "solo", false);
      this._mark(row, "mute", this._isMutedBy(preset, row));
    }
    this._changed();
  }

  /**
   * @param {string} preset
   * @param {MixerRow} row
   */
  _isMutedBy(preset, { name }) {
    if (preset === "all") return false;
    return (name === "percussive") === (preset === "no-drums");
  }

  reset() {
    for (const row of this.rows) this._setLevel(row, 0, false);
    this.setMaster(0);
  }

  /** @param {number | string} level */
  setMaster(level) {
    this.master = Number(level);
    this._showMaster();
    this._changed();
  }

  _showMaster() {
    find("master").value = String(this.master);
    find("master").setAttribute("aria-valuetext", decibels(this.master));
    find("master-level").textContent = decibels(this.master);
  }

  /**
   * @param {MixerRow} row
   * @param {number | string} level
   * @param {boolean} [tell]
   */
  _setLevel(row, level, tell = true) {
    row.level = Number(level);
    row.fader.value = String(row.level);
    row.output.textContent = decibels(row.level);
    row.fader.setAttribute("aria-valuetext", decibels(row.level));
    if (tell) this._changed();
  }

  /**
   * @param {MixerRow} row
   * @param {Switch} kind
   * @param {boolean} on
   */
  _set(row, kind, on) {
    this._mark(row, kind, on);
    this._changed();
  }

  /**
   * @param {MixerRow} row
   * @param {Switch} kind
   * @param {boolean} on
   */
  _mark(row, kind, on) {
    row[kind] = on;
    row.row.querySelector(`.${kind}`)?.setAttribute("aria-pressed", String(on));
  }

  // What is heard of a part before the master, in dB.
  /** @param {MixerRow} row */
  level({ level, mute, solo }) {
    const others = !solo && this.rows.some((row) => row.solo);
    return mute || others || level <= OFF ? -Infinity : level;
  }

  /** @param {MixerRow} row */
  gain(row) {
    return gain(this.level(row));
  }

  // Of each part in the whole mix, in dB.
  /** @returns {Levels} */
  get levels() {
    const master = this.master <= OFF ? -Infinity : this.master;
    return Object.fromEntries(this.rows.map((row) => [row.name, this.level(row) + master]));
  }

  /** @returns {Levels} */
  get gains() {
    return Object.fromEntries(
      Object.entries(this.levels).map(([name, level]) => [name, 10 ** (level / 20)]),
    );
  }

  get isSilent() {
    return Object.values(this.levels).every((level) => level === -Infinity);
  }

  get words() {
    const parts = this.rows.map((row) => `${row.title} ${decibels(this.level(row))}`);
    return [...parts, ...(this.master ? [`all ${decibels(this.master)}`] : [])].join(", ");
  }

  // Shows what is heard and what is not.
  show() {
    for (const row of this.rows) {
      const silent = this.gain(row) === 0;
      row.row.classList.toggle("silent", silent);
      /** @type {HTMLElement} */ (row.row.querySelector(".unheard")).hidden = !silent;
    }
    const clean = this.rows.every(({ solo }) => !solo);
    for (const button of presetButtons()) {
      const { preset } = button.dataset;
      const chosen = clean && this.rows.every((row) => row.mute === this._isMutedBy(preset ?? "all", row));
      button.setAttribute("aria-pressed", String(chosen));
    }
  }

  /** @param {import("./player.js").Player} player */
  showMeters(player) {
    for (const row of this.rows) fillMeter(row.meter, player.peakNow(row.name));
    const bar = /** @type {HTMLElement} */ (find("master-meter").firstElementChild);
    fillMeter(bar, player.peakNow());
  }
}

/**
 * @param {HTMLElement} bar
 * @param {number} peak
 */
function fillMeter(bar, peak) {
  const level = peak > 0 ? 20 * Math.log10(peak) : FLOOR;
  const share = Math.max(0, Math.min(1, 1 - level / FLOOR));
  bar.style.width = `${100 * share}%`;
  bar.classList.toggle("over", peak > 1);
}

/**
 * @param {number} limited
 * @param {number} peak
 */
export function limitedWords(limited, peak) {
  const over = (20 * Math.log10(peak)).toFixed(1);
  const samples = limited === 1 ? "1 sample" : `${limited.toLocaleString("en")} samples`;
  return `${samples} exceeded full scale (peak +${over} dB) and were limited in the file.`;
}
