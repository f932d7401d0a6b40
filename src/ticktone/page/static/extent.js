// How much of the songs is to be split: all, the first 30 seconds, or from one time to another.
// @ts-check

const FIRST = 30; // seconds

/** @type {Find} */
const find = (id) => /** @type {any} */ (document.getElementById(id));

export class Extent {
  constructor() {
    find("extent").addEventListener("change", () => this._show());
    for (const id of /** @type {const} */ (["from", "until"])) {
      find(id).addEventListener("input", () => this._check());
    }
    this._show();
  }

  // {start, end} in seconds, or null for all. Throws an error for people if a time is none.
  /** @returns {Excerpt | null} */
  get chosen() {
    const { value } = find("extent");
    if (value === "whole") return null;
    if (value === "first") return { start: 0, end: FIRST };
    const start = seconds(find("from").value) ?? 0;
    const end = find("until").value.trim() ? seconds(find("until").value) : null;
    if (Number.isNaN(start) || Number.isNaN(end)) throw new Error("Write times as 1:30 or 90.");
    if (end !== null && end <= start) throw new Error("The end must come after the beginning.");
    return { start, end };
  }

  _show() {
    find("times").hidden = find("extent").value !== "range";
    this._check();
  }

  _check() {
    let words = "";
    try {
      void this.chosen;
    } catch (error) {
      words = /** @type {Error} */ (error).message;
    }
    find("extent-note").textContent = words;
  }
}

// A time as people write it, in seconds; null if there is none, NaN if it is no time.
/** @param {string} text */
function seconds(text) {
  const written = text.trim();
  if (!written) return null;
  const [, hours, minutes, rest] =
    /^(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?)$/.exec(written) ?? [];
  if (rest === undefined) return NaN;
  return 3600 * Number(hours ?? 0) + 60 * Number(minutes ?? 0) + Number(rest.replace(",", "."));
}
