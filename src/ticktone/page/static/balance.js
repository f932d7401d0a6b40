// How loud the mix is: beside the song as it was, and beside full scale.
// @ts-check

import { gain } from "./words.js";

/** @type {Find} */
const find = (id) => /** @type {any} */ (document.getElementById(id));
const MEASURE = 200; // milliseconds after the last change until the mix is measured

export class Balance {
  /** @param {import("./desk.js").Desk} desk */
  constructor(desk) {
    this._desk = desk;
    this._original = false; // whether the song is heard as it was
    this._over = 0; // dB by which the mix exceeds full scale
    this._measuring = 0;
    find("original").addEventListener("click", () => this.compare());
    find("lower").addEventListener("click", () => this._lower());
  }

  // Switches between the mix and the song as it was, equally loud.
  compare(on = !this._original) {
    this._original = on;
    this._apply();
  }

  // Lets the mix be heard as it is now.
  mixChanged() {
    this.compare(false);
    this.measureSoon();
  }

  measureSoon() {
    clearTimeout(this._measuring);
    this._measuring = setTimeout(() => this._warn(), MEASURE);
  }

  close() {
    this._original = false;
    clearTimeout(this._measuring);
    find("clip").hidden = true;
  }

  async _apply() {
    find("original").setAttribute("aria-pressed", String(this._original));
    if (!this._desk.player) return;
    const { mixer, player } = this._desk.shown;
    const original = this._original;
    const master = original ? await this._match() : gain(mixer.master);
    if (this._original !== original || this._desk.player !== player) return; // it took too long
    for (const row of mixer.rows) player.setGain(row.name, original ? 1 : mixer.gain(row));
    player.setMaster(master);
  }

  // The gain at which the song as it was is as loud as the mix, and does not clip.
  async _match() {
    const { player, mixer } = this._desk.shown;
    const ones = Object.fromEntries(mixer.rows.map(({ name }) => [name, 1]));
    const wanted = await player.power(mixer.gains);
    const own = await player.power(ones);
    if (wanted === 0 || own === 0) return 1;
    return Math.min(Math.sqrt(wanted / own), Math.max(1, 1 / (await player.peak(ones))));
  }

  // Says so if a download of the mix would clip.
  async _warn() {
    const { player, mixer } = this._desk.shown;
    const measuring = this._measuring;
    const peak = await player.peak(mixer.gains);
    if (this._measuring !== measuring || this._desk.player !== player) return; // it is out of date
    this._over = peak > 1.00001 ? 20 * Math.log10(peak) : 0;
    find("clip").hidden = !this._over;
    if (!this._over) return;
    find("clip-words").textContent =
      `This mix peaks ${this._over.toFixed(1)} dB above full scale; a download would clip.`;
    find("lower").textContent = `Lower all by ${this._step.toFixed(1)} dB`;
  }

  get _step() {
    return Math.ceil(2 * this._over) / 2; // as the fader's steps are
  }

  _lower() {
    const { mixer } = this._desk.shown;
    mixer.setMaster(mixer.master - this._step);
  }
}
