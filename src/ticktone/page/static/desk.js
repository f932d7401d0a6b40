// The view of a song that is split: hear it, see it, mix it, take it away.
// @ts-check

import * as api from "./api.js";
import { Balance } from "./balance.js";
import { findBeats, nearest } from "./beats.js";
import { Downloads } from "./downloads.js";
import { Mixer } from "./mixer.js";
import { Player } from "./player.js";
import { drawScale, drawSpectrogram } from "./spectrogram.js";
import { drawRuler, drawWaveform, moved, point, showPosition, zoomed } from "./timeline.js";
import { clock, factsOf, progressOf, tenths } from "./words.js";

/** @type {Find} */
const find = (id) => /** @type {any} */ (document.getElementById(id));
const SHORTEST = 0.05; // seconds, of a loop

export class Desk {
  constructor() {
    this.root = find("done");
    /** @type {Player | null} */
    this.player = null;
    /** @type {Mixer | null} */
    this.mixer = null;
    /** @type {Song | null} */
    this.song = null;
    /** @type {Limits | null} */
    this._limits = null;
    this._drawing = this._frame = 0; // what is to be drawn soon
    /** @type {string[]} */
    this.offers = []; // what the server can do that not every one can
    /** @type {Span} */
    this.view = { start: 0, end: 1 }; // seconds, what is seen of the song
    /** @type {number[]} */
    this.beats = []; // seconds; none unless the loop is to snap to them
    /** @type {(() => boolean)[]} */
    this._cancels = []; // of drags under way
    this._isPlayable = this._isWhole = false; // what there is of the song
    this._balance = new Balance(this);
    this._downloads = new Downloads(this);
    find("play").addEventListener("click", () => this.play());
    find("loop").addEventListener("click", () => this.loop());
    find("loop-start").addEventListener("click", () => this.loopFrom("start"));
    find("loop-end").addEventListener("click", () => this.loopFrom("end"));
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

  // What is shown, where that there is something is beyond doubt.
  get shown() {
    const { player, mixer, song } = this;
    if (!player || !mixer || !song) throw new Error("no song is shown");
    return { player, mixer, song };
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
    const sound = soundOf(song);
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
    player.addEventListener("change", () => this.player === player && this._playerChanged());
    player.addEventListener("filled", () => this.player === player && this._filled());
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
    this.shown.mixer.finish(song.result.parts);
    this._loadSpectrograms(song, song.result);
  }

  /**
   * @param {Song} song
   * @param {Result} result
   */
  async _loadSpectrograms(song, result) {
    const { player, mixer } = this.shown;
    /** @type {[string, Element][]} */
    const places = [["mixture", find("mixture")]];
    for (const { name, picture } of mixer.rows) places.push([name, picture]);
    const about = { duration: player.duration, sampleRate: result.sample_rate };
    try {
      for (const [name, place] of places) {
        const levels = await api.spectrogram(song.id, name);
        if (this.song !== song) return;
        drawSpectrogram(place, levels, result.spectrogram, about);
      }
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      find("remix-note").textContent = `The spectrograms could not be loaded: ${message}`;
    }
  }

  _showSpectrograms() {
    this.root.classList.toggle("with-spectrograms", find("spectrograms").checked);
  }

  // More of the samples is there.
  _filled() {
    const { player } = this.shown;
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
      this._balance.measureSoon();
    }
  }

  close() {
    this.player?.close();
    this.mixer?.close();
    this.player = this.mixer = this.song = null;
    this._isPlayable = this._isWhole = false;
    this.beats = [];
    this._balance.close();
    cancelAnimationFrame(this._drawing);
    find("speed").value = "1";
    find("parts").replaceChildren();
    find("mixture").replaceChildren();
    find("play").disabled = true;
    find("play-words").textContent = "Loading…";
    find("time").textContent = tenths(0);
    for (const name of ["--head", "--selected", "--from", "--span", "--filled"]) {
      this.root.style.removeProperty(name);
    }
  }

  play() {
    const { player } = this;
    if (player?.playing) player.pause();
    else if (player && this._isPlayable) player.play();
  }

  /** @param {number} seconds */
  move(seconds) {
    if (this.player) this.player.seek(this.player.position + seconds);
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

  // Moves a loop that was drawn before the beats were known.
  _snapLoop() {
    const { player } = this;
    if (!player?.selection || !this.beats.length) return;
    const start = this.snapped(player.selection.start);
    const end = this.snapped(player.selection.end);
    if (end - start >= SHORTEST) player.select({ start, end }, Boolean(player.loop));
  }

  _findBeats() {
    if (!this.player) return;
    const drums = this.player.tracks.get("percussive")?.part;
    this.beats = find("snap").checked && this._isWhole && drums ? findBeats(drums) : [];
    this._snapLoop();
    this._drawWaveform();
  }

  async _setSpeed() {
    const { player, song } = this.shown;
    const speed = Number(find("speed").value);
    find("speed-note").textContent = "";
    /** @param {string} name */
    const open = (name) => api.samples(song.id, name, speed);
    try {
      await player.setSpeed(speed, open);
      if (this.player === player) this._balance.measureSoon();
    } catch (error) {
      if (this.player !== player || player.speed !== speed) return;
      find("speed-note").textContent = /** @type {Error} */ (error).message;
      find("speed").value = "1";
      player.setSpeed(1, open);
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
    const { player } = this.shown;
    const hidden = player.duration - (end - start);
    const bar = find("scroll");
    bar.hidden = hidden < 1e-3;
    bar.max = String(hidden);
    bar.value = String(start);
    bar.setAttribute("aria-valuetext", `from ${tenths(start)} to ${tenths(end)}`);
    this._drawWaveform();
    showPosition(this.root, find("timeline"), player, this.view);
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

  compare() {
    this._balance.compare();
  }

  _mixChanged() {
    const { mixer } = this.shown;
    find("remix-words").textContent = `As you hear it: ${mixer.words}`;
    find("remix-note").textContent = "";
    mixer.show();
    this._balance.mixChanged();
    this._drawWaveform();
  }

  _drawWaveform() {
    if (!this.player) return;
    const { player, mixer } = this.shown;
    const style = getComputedStyle(this.root);
    const layers = mixer.rows.map((row) => ({
      part: player.partOf(row.name),
      gain: mixer.gain(row),
      colour: style.getPropertyValue(`--${row.name}`),
    }));
    drawWaveform(find("waveform"), layers, this.view);
    player.see(this.view).then((isNew) => {
      if (isNew && this.player === player) this._drawWaveform();
    });
    drawRuler(find("ruler"), this.view, this.beats);
  }

  _playerChanged() {
    const { playing, waiting, loop } = this.shown.player;
    const button = find("play");
    button.disabled = !this._isPlayable;
    button.classList.toggle("playing", playing);
    if (this._isPlayable) {
      find("play-words").textContent = waiting ? "Waiting…" : playing ? "Pause" : "Play";
    }
    find("loop").setAttribute("aria-pressed", String(Boolean(loop)));
    this._downloads.show(this.offers);
    this._showPosition();
  }

  _showPosition() {
    if (!this.player) return;
    const { player, mixer } = this.shown;
    const { position, playing } = player;
    find("time").textContent = tenths(position);
    if (playing && position > this.view.end) this._scrollTo(position);
    if (playing && position < this.view.start) this._scrollTo(position);
    showPosition(this.root, find("timeline"), player, this.view);
    mixer.showMeters(player);
    cancelAnimationFrame(this._frame);
    if (player.playing) this._frame = requestAnimationFrame(() => this._showPosition());
  }
}

// What a song is, also where only a song that is done tells it.
/**
 * @param {Song} song
 * @returns {Sound & {samples: number}}
 */
function soundOf({ sound, result }) {
  if (result) return { ...result, parts: result.parts.map(({ name }) => name) };
  if (!sound?.samples) throw new Error("nothing is known of this song yet");
  return { ...sound, samples: sound.samples };
}
