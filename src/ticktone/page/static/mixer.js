// A row for each part: its fader, mute, solo and download.

import { partAddress } from "./api.js";
import { OFF, decibels, gain } from "./words.js";

const MEANS = {
  harmonic: "what rings: voice, guitar, bass, keys",
  percussive: "what hits: drums",
  residual: "what does neither",
};

export class Mixer {
  constructor(container, template, song, changed) {
    this._changed = changed;
    this.rows = song.result.parts.map((part) => {
      const row = template.content.cloneNode(true).querySelector(".part");
      container.append(row);
      return this._fill(row, part, song);
    });
  }

  _fill(row, { name, file, limited, peak }, song) {
    const find = (selector) => row.querySelector(selector);
    const title = name[0].toUpperCase() + name.slice(1);
    const state = { name, row, picture: find(".picture"), level: 0, mute: false, solo: false };
    row.dataset.part = name;
    row.setAttribute("aria-label", title);
    find("h3").textContent = title;
    find(".means").textContent = MEANS[name];
    const fader = find(".fader input");
    fader.setAttribute("aria-label", `Level of the ${name} part`);
    const setLevel = () => {
      state.level = Number(fader.value);
      find("output").textContent = decibels(state.level);
      fader.setAttribute("aria-valuetext", decibels(state.level));
      this._changed();
    };
    fader.addEventListener("input", setLevel);
    fader.addEventListener("dblclick", () => {
      fader.value = 0;
      setLevel();
    });
    fader.setAttribute("aria-valuetext", decibels(0));
    for (const kind of ["mute", "solo"]) {
      const button = find(`.${kind}`);
      button.setAttribute("aria-label", `${button.textContent} ${name}`);
      button.addEventListener("click", () => this._toggle(state, kind));
    }
    const download = find(".download");
    download.href = partAddress(song.id, name);
    download.setAttribute("aria-label", `Download ${file}`);
    download.title = file;
    if (limited) find(".note").textContent = limitedWords(limited, peak);
    return state;
  }

  toggle(index, kind) {
    if (this.rows[index]) this._toggle(this.rows[index], kind);
  }

  _toggle(state, kind) {
    state[kind] = !state[kind];
    state.row.querySelector(`.${kind}`).setAttribute("aria-pressed", String(state[kind]));
    this._changed();
  }

  // What is heard of a part, in dB.
  level({ level, mute, solo }) {
    const others = !solo && this.rows.some((row) => row.solo);
    return mute || others || level <= OFF ? -Infinity : level;
  }

  gain(row) {
    return gain(this.level(row));
  }

  get levels() {
    return Object.fromEntries(this.rows.map((row) => [row.name, this.level(row)]));
  }

  get words() {
    return this.rows.map((row) => `${row.name} ${decibels(this.level(row))}`).join(", ");
  }

  showSilent() {
    for (const row of this.rows) row.row.classList.toggle("silent", this.gain(row) === 0);
  }
}

export function limitedWords(limited, peak) {
  const over = (20 * Math.log10(peak)).toFixed(1);
  const samples = limited === 1 ? "1 sample" : `${limited.toLocaleString("en")} samples`;
  return `${samples} exceeded full scale (peak +${over} dB) and were limited in the file.`;
}
