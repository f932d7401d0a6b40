// The view of a song that is split: hear it, see it, mix it, take it away.
// @ts-check

import * as api from "./api.js";
import { findBeats, nearest } from "./beats.js";
import { Downloads } from "./downloads.js";
import { Mixer } from "./mixer.js";
import { Player } from "./player.js";
import { drawScale, drawSpectrogram } from "./spectrogram.js";
import { drawRuler, drawWaveform, moved, point, showPosition, zoomed } from "./timeline.js";
import { clock, factsOf, gain, progressOf, tenths } from "./words.js";

/** @type {Find} */
const find = (id) => /** @type {any} */ (document.getElementById(id));
const MEASURE = 200; // milliseconds after the last change until the mix is measured
const SHORTEST = 0.05; // seconds, of a loop

export class Desk {
  constructor() {
    this.root = find("done");
    /** @type {Player | null} */
    this.player = null;
    /** @type {Song | null} */
    this.song = null;
    /** @type {string[]} */
    this.offers = []; // what the server can do that not every one can
    /** @type {Span} */
    this.view = { start: 0, end: 1 }; // seconds, what is seen of the song
    /** @type {number[]} */
    this.beats = []; // seconds; none unless the loop is to snap to them
    /** @type {(() => boolean)[]} */
    this._cancels = []; // of drags under way
    this._original = false; // whether the song is heard as it was
    this._over = 0; // dB by which the mix exceeds full scale
    this._downloads = new Downloads(this);
    find("play").addEventListener("click", () => this.play());
    find("loop").addEventListener("click", () => this.loop());
    find("loop-start").addEventListener("click", () => this.loopFrom("start"));
    find("loop-end").addEventListener("click", () => this.loopFrom("end"));
    find("original").addEventListener("click", () => this.compare());
    find("lower").addEventListener("click", () => this._lower());
    find("zoom-in").addEventListener("click", () => this.zoom(1 / 2));
    find("zoom-out").addEventListener("click", () => this.zoom(2));
    find("zoom-whole").addEventListener("click", () => this.zoom(Infinity));
    find("scroll").addEventListener("input", () => this._scrollTo(Number(find("scroll").value)));
    find("snap").addEventListener("change", () => this._findBeats());
    find("speed").addEventListener("change", () => this._setSpeed());
    find("spectrograms").addEventListener("change", () => this._showSpectrograms());
    this._showSpectrograms();
    this.root.addEventListener("mousedown", (event) => {
      // Pressed by mouse, a button leaves the focus where it is, so that Space goes on to play.
      if (/** @type {Element} */ (event.target).closest("button")) event.preventDefault();
    });
    /** @type {NodeListOf<HTMLElement>} */
    const pictures = this.root.querySelectorAll(".picture");
    for (const picture of pictures) this._pointAt(picture);
    this._lasting = this._cancels.length; // the parts' own come and go
    new ResizeObserver(() => this._drawWaveform()).observe(find("waveform"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
      this._drawWaveform(),
    );
    drawScale(find("scale"));
  }

  // Shows a song, and loads what it sounds like; it may still be being split.
  /**
   * @param {Song} song
   * @param {Limits | null} limits
   */
  async show(song, limits) {
    this.close();
    this.song = song;
    this._limits = limits;
    const sound = song.sound ?? soundOf(song.result);
    const player = new Player(sound);
    this.player = player;
    find("done-title").textContent = song.name;
    find("length").textContent = clock(player.duration);
    find("timeline").setAttribute("aria-valuemax", String(Math.round(player.duration)));
    find("remix-note").textContent = find("speed-note").textContent = "";
    this.mixer = new Mixer(
      ...[find("parts"), find("part"), sound.parts],
      () => this._mixChanged(),
      (name, button, note) => this._downloads.part(name, button, note),
    );
    this.view = { start: 0, end: player.duration };
    this._cancels.length = this._lasting;
    for (const { picture } of this.mixer.rows) this._pointAt(picture);
    player.addEventListener("change", () => this._playerChanged());
    player.addEventListener("filled", () => this._filled());
    this._viewChanged();
    this._mixChanged();
    this._playerChanged();
    this.update(song);
    await Promise.all(
      sound.parts.map(async (name) => player.fill(name, await api.samples(song.id, name))),
    );
  }

  // Shows how far the song is, and all of it once it is done.
  /** @param {Song} song */
  update(song) {
    this.song = song;
    find("facts").textContent = factsOf(song, this._limits);
    find("splitting").hidden = Boolean(song.result);
    find("split-progress").value = song.duration ? song.seconds / song.duration : 0;
    find("split-words").textContent = progressOf(song);
    find("whole").hidden = !song.excerpt || !song.result;
    find("speed-control").hidden = !this.offers.includes("speed");
    find("speed").disabled = !song.result;
    this._downloads.show(this.offers);
    if (!song.result) return;
    this.mixer.finish(song.result.parts);
    this._loadSpectrograms(song);
  }

  /** @param {Song} song */
  async _loadSpectrograms(song) {
    const { result } = song;
    /** @type {[string, Element][]} */
    const places = [
      ["mixture", this.root.querySelector("[data-spectrogram]")],
      ...this.mixer.rows.map(
        ({ name, picture }) => /** @type {[string, Element]} */ ([name, picture]),
      ),
    ];
    const about = { duration: this.player.duration, sampleRate: result.sample_rate };
    try {
      for (const [name, place] of places) {
        const levels = await api.spectrogram(song.id, name);
        if (this.song !== song) return;
        drawSpectrogram(place, levels, result.spectrogram, about);
      }
    } catch (error) {
      find("remix-note").textContent = `The spectrograms could not be loaded: ${error.message}`;
    }
  }

  _showSpectrograms() {
    this.root.classList.toggle("with-spectrograms", find("spectrograms").checked);
  }

  // More of the samples is there.
  _filled() {
    const { player } = this;
    this.root.style.setProperty("--filled", String(player.ready / player.duration));
    cancelAnimationFrame(this._drawing);
    this._drawing = requestAnimationFrame(() => this._drawWaveform());
    if (!this._isPlayable && player.ready > Math.min(1, 0.99 * player.duration)) {
      this._isPlayable = true;
      this._playerChanged();
    }
    if (player.isWhole && !this._isWhole) {
      this._isWhole = true;
      this._findBeats();
      this._measureSoon();
    }
  }

  close() {
    this.player?.close();
    this.mixer?.close();
    this.player = this.song = null;
    this._original = this._isPlayable = this._isWhole = false;
    this.beats = [];
    clearTimeout(this._measuring);
    cancelAnimationFrame(this._drawing);
    find("clip").hidden = true;
    find("speed").value = "1";
    find("parts").replaceChildren();
    this.root.querySelector("[data-spectrogram]").replaceChildren();
    find("play").disabled = true;
    find("play").querySelector("span").textContent = "Loading…";
    find("time").textContent = tenths(0);
    for (const name of ["--head", "--selected", "--from", "--span", "--filled"]) {
      this.root.style.removeProperty(name);
    }
  }

  play() {
    if (this.player?.playing) this.player.pause();
    else if (this._isPlayable) this.player.play();
  }

  /** @param {number} seconds */
  move(seconds) {
    this.player?.seek(this.player.position + seconds);
  }

  loop() {
    if (this.player) this.player.select(this.player.selection, !this.player.loop);
  }

  // Makes the loop begin or end where the song is now.
  /** @param {keyof Span} edge */
  loopFrom(edge) {
    if (!this.player) return;
    const { duration, position, selection } = this.player;
    const wanted = { start: 0, end: duration, ...selection, [edge]: this.snapped(position) };
    if (wanted.end - wanted.start < SHORTEST) {
      // The other edge is on the wrong side.
      if (edge === "start") wanted.end = duration;
      else wanted.start = 0;
    }
    if (wanted.end - wanted.start >= SHORTEST) this.player.select(wanted, true);
  }

  // The beat nearest to a moment, if the loop is to snap to beats; else the moment.
  /** @param {number} seconds */
  snapped(seconds) {
    return nearest(this.beats, seconds) ?? seconds;
  }

  _findBeats() {
    if (!this.player) return;
    const drums = this.player.tracks.get("percussive")?.part;
    this.beats = find("snap").checked && this._isWhole && drums ? findBeats(drums) : [];
    this._drawWaveform();
  }

  async _setSpeed() {
    const { player, song } = this;
    const speed = Number(find("speed").value);
    find("speed-note").textContent = "";
    try {
      await player.setSpeed(speed, (name) => api.samples(song.id, name, speed));
      if (this.player === player) this._measureSoon();
    } catch (error) {
      if (this.player !== player || player.speed !== speed) return;
      find("speed-note").textContent = error.message;
      find("speed").value = "1";
      player.setSpeed(1);
    }
  }

  // Cancels the drag under way, or else clears the loop.
  escape() {
    if (this._cancels.map((cancel) => cancel()).some(Boolean)) return;
    this.player?.select(null, false);
  }

  // Shows so many times as much of the song, around a moment.
  /**
   * @param {number} times
   * @param {number} [moment]
   */
  zoom(times, moment) {
    if (!this.player) return;
    const { position, duration } = this.player;
    const { start, end } = this.view;
    const seen = position >= start && position <= end;
    const around = moment ?? (seen ? position : (start + end) / 2);
    this.view = zoomed(this.view, times, around, duration);
    this._viewChanged();
  }

  // Moves the view by a share of its width.
  /** @param {number} share */
  scroll(share) {
    this._scrollTo(this.view.start + share * (this.view.end - this.view.start));
  }

  /** @param {number} start */
  _scrollTo(start) {
    if (!this.player) return;
    this.view = moved(this.view, start, this.player.duration);
    this._viewChanged();
  }

  _viewChanged() {
    const { start, end } = this.view;
    const hidden = this.player.duration - (end - start);
    const bar = find("scroll");
    bar.hidden = hidden < 1e-3;
    bar.max = String(hidden);
    bar.value = String(start);
    bar.setAttribute("aria-valuetext", `from ${tenths(start)} to ${tenths(end)}`);
    this._drawWaveform();
    showPosition(this.root, find("timeline"), this.player, this.view);
  }

  /**
   * @param {number} index
   * @param {Switch} kind
   */
  toggle(index, kind) {
    this.mixer?.toggle(index, kind);
  }

  /** @param {HTMLElement} picture */
  _pointAt(picture) {
    this._cancels.push(point(picture, this));
  }

  // Switches between the mix and the song as it was, equally loud.
  compare(on = !this._original) {
    this._original = on;
    this._applyGains();
  }

  _mixChanged() {
    this._original = false;
    find("remix-words").textContent = `As you hear it: ${this.mixer.words}`;
    find("remix-note").textContent = "";
    this.mixer.show();
    this._applyGains();
    this._drawWaveform();
    this._measureSoon();
  }

  _measureSoon() {
    clearTimeout(this._measuring);
    this._measuring = setTimeout(() => this._warn(), MEASURE);
  }

  _applyGains() {
    find("original").setAttribute("aria-pressed", String(this._original));
    if (!this.player) return;
    const { mixer, player } = this;
    const ones = Object.fromEntries(mixer.rows.map(({ name }) => [name, 1]));
    for (const row of mixer.rows) player.setGain(row.name, this._original ? 1 : mixer.gain(row));
    player.setMaster(this._original ? this._match(ones) : gain(mixer.master));
  }

  // The gain at which the song as it was is as loud as the mix, and does not clip.
  /** @param {Levels} ones */
  _match(ones) {
    const wanted = this.player.power(this.mixer.gains);
    const own = this.player.power(ones);
    if (wanted === 0 || own === 0) return 1;
    return Math.min(Math.sqrt(wanted / own), Math.max(1, 1 / this.player.peak(ones)));
  }

  // Says so if a download of the mix would clip.
  _warn() {
    const peak = this.player.peak(this.mixer.gains);
    this._over = peak > 1.00001 ? 20 * Math.log10(peak) : 0;
    find("clip").hidden = !this._over;
    if (!this._over) return;
    find("clip").querySelector("span").textContent =
      `This mix peaks ${this._over.toFixed(1)} dB above full scale; a download would clip.`;
    find("lower").textContent = `Lower all by ${this._step.toFixed(1)} dB`;
  }

  get _step() {
    return Math.ceil(2 * this._over) / 2; // as the fader's steps are
  }

  _lower() {
    this.mixer.setMaster(this.mixer.master - this._step);
  }

  _drawWaveform() {
    if (!this.player) return;
    const style = getComputedStyle(this.root);
    const layers = this.mixer.rows.map((row) => ({
      part: this.player.tracks.get(row.name).part,
      gain: this.mixer.gain(row),
      colour: style.getPropertyValue(`--${row.name}`),
    }));
    drawWaveform(find("waveform"), layers, this.view);
    drawRuler(find("ruler"), this.view, this.beats);
  }

  _playerChanged() {
    const { playing, waiting, loop } = this.player;
    const button = find("play");
    button.disabled = !this._isPlayable;
    button.classList.toggle("playing", playing);
    if (this._isPlayable) {
      button.querySelector("span").textContent = waiting ? "Waiting…" : playing ? "Pause" : "Play";
    }
    find("loop").setAttribute("aria-pressed", String(Boolean(loop)));
    this._downloads.show(this.offers);
    this._showPosition();
  }

  _showPosition() {
    if (!this.player) return;
    const { position, playing } = this.player;
    find("time").textContent = tenths(position);
    if (playing && position > this.view.end) this._scrollTo(position);
    if (playing && position < this.view.start) this._scrollTo(position);
    showPosition(this.root, find("timeline"), this.player, this.view);
    this.mixer.showMeters(this.player);
    cancelAnimationFrame(this._frame);
    if (this.player.playing) this._frame = requestAnimationFrame(() => this._showPosition());
  }
}

// What is known of a song that is done by who tells nothing before.
/**
 * @param {Result} result
 * @returns {Sound}
 */
function soundOf(result) {
  return { ...result, parts: result.parts.map(({ name }) => name) };
}
