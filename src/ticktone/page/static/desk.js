// The view of a song that is split: hear it, see it, mix it, take it away.

import * as api from "./api.js";
import { Mixer, limitedWords } from "./mixer.js";
import { Player } from "./player.js";
import { drawScale, drawSpectrogram } from "./spectrogram.js";
import { drawWaveform, point, showPosition } from "./timeline.js";
import { channels, clock, lifetime } from "./words.js";

const find = (id) => document.getElementById(id);
const SHORTEST = 0.05; // seconds, of a loop

export class Desk {
  constructor() {
    this.root = find("done");
    this.player = null;
    this._song = null;
    find("play").addEventListener("click", () => this.play());
    find("loop").addEventListener("click", () => this.loop());
    find("loop-start").addEventListener("click", () => this.loopFrom("start"));
    find("loop-end").addEventListener("click", () => this.loopFrom("end"));
    find("remix").addEventListener("click", () => this._remix());
    this.root.addEventListener("mousedown", (event) => {
      // Pressed by mouse, a button leaves the focus where it is, so that Space goes on to play.
      if (event.target.closest("button")) event.preventDefault();
    });
    for (const picture of this.root.querySelectorAll(".picture")) this._pointAt(picture);
    new ResizeObserver(() => this._drawWaveform()).observe(find("waveform"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
      this._drawWaveform(),
    );
    drawScale(find("scale"));
  }

  // Shows a song, then loads what it sounds and looks like.
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
    for (const { picture } of this.mixer.rows) this._pointAt(picture);
    await this._load(song, duration);
  }

  async _load(song, duration) {
    const { result } = song;
    const places = [
      ["mixture", this.root.querySelector("[data-spectrogram]")],
      ...this.mixer.rows.map(({ name, picture }) => [name, picture]),
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
    this._mixChanged();
    this._playerChanged();
  }

  close() {
    this.player?.close();
    this.player = this._song = null;
    find("parts").replaceChildren();
    this.root.querySelector("[data-spectrogram]").replaceChildren();
    find("play").disabled = true;
    find("play").querySelector("span").textContent = "Loading…";
    find("time").textContent = clock(0);
    for (const name of ["--head", "--selected", "--from", "--span"]) {
      this.root.style.removeProperty(name);
    }
  }

  play() {
    if (this.player?.playing) this.player.pause();
    else this.player?.play();
  }

  move(seconds) {
    this.player?.seek(this.player.position + seconds);
  }

  loop() {
    if (this.player) this.player.select(this.player.selection, !this.player.loop);
  }

  // Makes the loop begin or end where the song is now.
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

  toggle(index, kind) {
    this.mixer?.toggle(index, kind);
  }

  _pointAt(picture) {
    point(picture, () => this.player);
  }

  _mixChanged() {
    find("remix-words").textContent = `The remix as you hear it: ${this.mixer.words}`;
    this.mixer.showSilent();
    if (!this.player) return;
    for (const row of this.mixer.rows) this.player.setGain(row.name, this.mixer.gain(row));
    this._drawWaveform();
  }

  _drawWaveform() {
    if (!this.player) return;
    const style = getComputedStyle(this.root);
    const layers = this.mixer.rows.map((row) => ({
      peaks: this.player.parts.get(row.name).peaks,
      gain: this.mixer.gain(row),
      colour: style.getPropertyValue(`--${row.name}`),
    }));
    drawWaveform(find("waveform"), layers);
  }

  _playerChanged() {
    const { playing, loop } = this.player;
    const button = find("play");
    button.classList.toggle("playing", playing);
    button.querySelector("span").textContent = playing ? "Pause" : "Play";
    find("loop").setAttribute("aria-pressed", String(Boolean(loop)));
    this._showPosition();
  }

  _showPosition() {
    if (!this.player) return;
    find("time").textContent = clock(this.player.position);
    showPosition(this.root, find("timeline"), this.player);
    cancelAnimationFrame(this._frame);
    if (this.player.playing) this._frame = requestAnimationFrame(() => this._showPosition());
  }

  async _remix() {
    const button = find("remix");
    const note = find("remix-note");
    const song = this._song;
    button.disabled = true;
    note.textContent = "Mixing…";
    try {
      const { content, limited, peak } = await api.remix(song.id, this.mixer.levels);
      save(content, song.result.remix);
      note.textContent = limited ? limitedWords(limited, peak) : `Saved as ${song.result.remix}.`;
    } catch (error) {
      note.textContent = error.message;
    } finally {
      button.disabled = false;
    }
  }
}

function save(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it by and by
}
