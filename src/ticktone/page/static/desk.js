// The view of a song that is split: hear it, see it, mix it, take it away.
// @ts-check

import * as api from "./api.js";
import { Mixer, limitedWords } from "./mixer.js";
import { Player } from "./player.js";
import { drawScale, drawSpectrogram } from "./spectrogram.js";
import { drawRuler, drawWaveform, moved, point, showPosition, zoomed } from "./timeline.js";
import { channels, clock, gain, lifetime, tenths } from "./words.js";

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
    this._song = null;
    find("play").addEventListener("click", () => this.play());
    find("loop").addEventListener("click", () => this.loop());
    find("loop-start").addEventListener("click", () => this.loopFrom("start"));
    find("loop-end").addEventListener("click", () => this.loopFrom("end"));
    find("remix").addEventListener("click", () => this._remix());
    find("original").addEventListener("click", () => this.compare());
    find("lower").addEventListener("click", () => this._lower());
    find("zoom-in").addEventListener("click", () => this.zoom(1 / 2));
    find("zoom-out").addEventListener("click", () => this.zoom(2));
    find("zoom-whole").addEventListener("click", () => this.zoom(Infinity));
    find("scroll").addEventListener("input", () => this._scrollTo(Number(find("scroll").value)));
    find("spectrograms").addEventListener("change", () => {
      this.root.classList.toggle("with-spectrograms", find("spectrograms").checked);
    });
    this.root.classList.toggle("with-spectrograms", find("spectrograms").checked);
    /** @type {Span} */
    this.view = { start: 0, end: 1 }; // seconds, what is seen of the song
    /** @type {(() => boolean)[]} */
    this._cancels = []; // of drags under way
    this._original = false; // whether the song is heard as it was
    this._over = 0; // dB by which the mix exceeds full scale
    this.root.addEventListener("mousedown", (event) => {
      // Pressed by mouse, a button leaves the focus where it is, so that Space goes on to play.
      if (/** @type {Element} */ (event.target).closest("button")) event.preventDefault();
    });
    document.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target);
      const link = /** @type {HTMLAnchorElement | null} */ (target.closest("a[download]"));
      if (link && event.isTrusted) this._checkedDownload(event, link);
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

  // Shows a song, then loads what it sounds and looks like.
  /**
   * @param {Song} song
   * @param {Limits | null} limits
   */
  async show(song, limits) {
    this.close();
    this._song = song;
    const { result } = song;
    const duration = result.samples / result.sample_rate;
    find("done-title").textContent = song.name;
    find("facts").textContent =
      `${clock(duration)}, ${channels(result.channels)}, ${result.sample_rate / 1000} kHz; ` +
      `method ${song.method}, ${(duration / result.elapsed).toPrecision(2)} x real time` +
      (limits ? `; kept for ${lifetime(limits.keep)} after this page is closed` : "");
    find("length").textContent = clock(duration);
    find("timeline").setAttribute("aria-valuemax", String(Math.round(duration)));
    find("remix-note").textContent = "";
    this.mixer = new Mixer(find("parts"), find("part"), song, () => this._mixChanged());
    this.view = { start: 0, end: duration };
    this._cancels.length = this._lasting;
    for (const { picture } of this.mixer.rows) this._pointAt(picture);
    await this._load(song, duration);
  }

  /**
   * @param {Song} song
   * @param {number} duration
   */
  async _load(song, duration) {
    const { result } = song;
    /** @type {[string, Element][]} */
    const places = [
      ["mixture", this.root.querySelector("[data-spectrogram]")],
      ...this.mixer.rows.map(
        ({ name, picture }) => /** @type {[string, Element]} */ ([name, picture]),
      ),
    ];
    for (const [name, place] of places) {
      const levels = await api.spectrogram(song.id, name);
      if (this._song !== song) return;
      const about = { duration, sampleRate: result.sample_rate };
      drawSpectrogram(place, levels, result.spectrogram, about);
    }
    const player = new Player(result);
    try {
      await Promise.all(
        result.parts.map(async ({ name }) => player.fill(name, await api.samples(song.id, name))),
      );
    } catch (error) {
      player.close();
      throw error;
    }
    if (this._song !== song) {
      player.close();
      return;
    }
    this.player = player;
    player.addEventListener("change", () => this._playerChanged());
    find("play").disabled = false;
    this._viewChanged();
    this._mixChanged();
    this._playerChanged();
  }

  close() {
    this.player?.close();
    this.mixer?.close();
    this.player = this._song = null;
    this._original = false;
    clearTimeout(this._measuring);
    find("clip").hidden = true;
    find("parts").replaceChildren();
    this.root.querySelector("[data-spectrogram]").replaceChildren();
    find("play").disabled = true;
    find("play").querySelector("span").textContent = "Loading…";
    find("time").textContent = tenths(0);
    for (const name of ["--head", "--selected", "--from", "--span"]) {
      this.root.style.removeProperty(name);
    }
  }

  play() {
    if (this.player?.playing) this.player.pause();
    else this.player?.play();
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
    const wanted = { start: 0, end: duration, ...selection, [edge]: position };
    if (wanted.end - wanted.start < SHORTEST) {
      // The other edge is on the wrong side.
      if (edge === "start") wanted.end = duration;
      else wanted.start = 0;
    }
    if (wanted.end - wanted.start >= SHORTEST) this.player.select(wanted, true);
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
    if (!this.player) return;
    this._drawWaveform();
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
      part: this.player.parts.get(row.name),
      gain: this.mixer.gain(row),
      colour: style.getPropertyValue(`--${row.name}`),
    }));
    drawWaveform(find("waveform"), layers, this.view, this._song.result.sample_rate);
    drawRuler(find("ruler"), this.view);
  }

  _playerChanged() {
    const { playing, loop } = this.player;
    const button = find("play");
    button.classList.toggle("playing", playing);
    button.querySelector("span").textContent = playing ? "Pause" : "Play";
    find("loop").setAttribute("aria-pressed", String(Boolean(loop)));
    find("only-loop").hidden = !this.player.selection;
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

  // In what format a mix is downloaded, and how much of it.
  /** @returns {How} */
  _how() {
    const [format, bitrate] = find("format").value.split(" ");
    const onlyLoop = this.player?.selection && find("only-loop").querySelector("input").checked;
    return { format, ...(bitrate && { bitrate }), ...(onlyLoop && this.player.selection) };
  }

  // A download fails without a word if the server is gone; so it is asked first.
  /**
   * @param {MouseEvent} event
   * @param {HTMLAnchorElement} link
   */
  async _checkedDownload(event, link) {
    if (!link.href.startsWith("http")) return; // made here
    event.preventDefault();
    const note = link.closest(".part, #songs")?.querySelector(".note") ?? find("remix-note");
    note.textContent = "";
    try {
      await (this._song ? api.song(this._song.id) : api.server());
      const own = document.createElement("a");
      own.href = link.href;
      own.download = "";
      own.click();
    } catch (error) {
      note.textContent = error.message;
    }
  }

  async _remix() {
    const button = find("remix");
    const note = find("remix-note");
    const song = this._song;
    if (this.mixer.isSilent) {
      note.textContent = "Nothing can be heard in this mix: everything is muted or turned down.";
      return;
    }
    const { levels } = this.mixer;
    const how = this._how();
    button.disabled = true;
    note.textContent = "Mixing…";
    try {
      const { content, limited, peak } = await api.remix(song.id, levels, how);
      const name = renamed(song.result.remix, how.format, "start" in how);
      save(content, name);
      if (this._song !== song) return;
      note.textContent = limited ? limitedWords(limited, peak) : `Saved as ${name}.`;
    } catch (error) {
      note.textContent = error.message;
    } finally {
      button.disabled = false;
    }
  }
}

// The name of a mix in another format, or of a part of the song.
/**
 * @param {string} name
 * @param {string} format
 * @param {boolean} isExcerpt
 */
function renamed(name, format, isExcerpt) {
  const dot = name.lastIndexOf(".");
  const extension = format === "same" ? name.slice(dot) : `.${format}`;
  return `${name.slice(0, dot)}${isExcerpt ? ".loop" : ""}${extension}`;
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
