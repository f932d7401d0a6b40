// Choosing a method: four that have a purpose, the rest behind "more". The choice is remembered.
// @ts-check

import { clock } from "./words.js";

const KEY = "ticktone.method";
const SONG = 240; // seconds, of a song as most are

/** @type {Find} */
const find = (id) => /** @type {any} */ (document.getElementById(id));

export class Methods {
  constructor() {
    /** @type {KnownMethod[]} */
    this.known = [];
    find("method").addEventListener("change", () => this._choose(find("method").value));
  }

  get chosen() {
    return find("method").value;
  }

  /**
   * @param {KnownMethod[]} known
   * @param {string} preferred
   * @param {Purpose[]} told
   */
  show(known, preferred, told) {
    this.known = known;
    const names = known.map(({ name }) => name);
    const last = recall();
    const chosen = last && names.includes(last) ? last : preferred;
    const purposes = told.filter(({ method }) => names.includes(method));
    find("choices").replaceChildren(...purposes.map((purpose) => this._button(purpose, preferred)));
    find("method").replaceChildren(...names.map((name) => new Option(name)));
    find("method").value = chosen;
    find("more").open = !purposes.some(({ method }) => method === chosen);
    /** @param {string} name */
    const title = (name) => {
      const purpose = purposes.find(({ method }) => method === name);
      return purpose ? capitalised(purpose.name) : name;
    };
    find("again-method").replaceChildren(...names.map((name) => new Option(title(name), name)));
    this._describe();
  }

  /**
   * @param {Purpose} purpose
   * @param {string} preferred
   */
  _button({ name: purpose, method: name, line }, preferred) {
    const title = capitalised(purpose);
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.method = name;
    const strong = document.createElement("strong");
    strong.textContent = name === preferred ? `${title} (recommended)` : title;
    const note = document.createElement("span");
    note.textContent = line;
    const time = document.createElement("span");
    time.textContent = this._timeWords(name);
    button.append(strong, note, time);
    button.addEventListener("click", () => {
      find("method").value = name;
      this._choose(name);
    });
    return button;
  }

  // What a song takes, by what songs have taken so far.
  /** @param {string} name */
  _timeWords(name) {
    const speed = this.known.find((method) => method.name === name)?.speed;
    return speed ? `about ${clock(Math.ceil(SONG / speed))} for a song of ${clock(SONG)}` : "";
  }

  /** @param {string} name */
  _choose(name) {
    try {
      localStorage.setItem(KEY, name);
    } catch {
      // it is chosen for this time only
    }
    this._describe();
  }

  _describe() {
    const method = this.known.find(({ name }) => name === this.chosen);
    for (const child of find("choices").children) {
      const button = /** @type {HTMLElement} */ (child);
      button.setAttribute("aria-pressed", String(button.dataset.method === this.chosen));
    }
    if (!method) return;
    const parts = method.parts.length === 3 ? " Leaves a third part that is neither." : "";
    const time = this._timeWords(method.name);
    find("method-note").textContent = `${method.paper}.${parts}${time ? ` Takes ${time}.` : ""}`;
  }
}

/** @param {string} word */
function capitalised(word) {
  return word[0].toUpperCase() + word.slice(1);
}

function recall() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
