// Plays the parts of a song together, to the sample, also while they are still coming.
// @ts-check

import { meterOf, peakOf, peakOfMeter, powerOf } from "./loudness.js";
import { PIECE, PlayedPart, roundedHalfToEven } from "./part.js";
import { Voice, contextAt } from "./voice.js";

const LEAD = 0.03; // seconds until what is asked for begins
const FADE = 0.006; // seconds of a cross-fade: too short to be felt, long enough for no click
const SMOOTH = 0.006; // seconds, the time constant of a fader
const PAUSE = 100; // milliseconds between two looks at what is to be scheduled
const ENOUGH = 1.5; // seconds that must be there before playing goes on
const SHORTEST = 0.02; // seconds, of a loop

export class Player extends EventTarget {
  // ahead: seconds that are scheduled ahead of what is heard.
  /**
   * @param {Sound & {samples: number}} sound
   * @param {{context?: BaseAudioContext, ahead?: number}} [how]
   */
  constructor({ sample_rate, channels, samples, parts }, { context, ahead = 3 } = {}) {
    super();
    this.context = context ?? contextAt(sample_rate);
    this.duration = samples / sample_rate;
    this.playing = false;
    this.waiting = false; // for samples, though it plays
    /** @type {Span | null} */
    this.loop = null; // or {start, end} in seconds
    /** @type {Span | null} */
    this.selection = null; // the same, whether it is on or not
    this.speed = 1;
    this._rate = sample_rate;
    this._ahead = ahead;
    this._place = 0; // the sample at which it stands while it does not sound
    /** @type {{begins: number, from: number} | null} */
    this._run = null; // while it sounds: when, in samples since the context began, and from where
    /** @type {Voice[]} */
    this._voices = [];
    this._master = new GainNode(this.context);
    this._master.connect(this.context.destination);
    this._meter = meterOf(this._master);
    /** @type {Map<string, FullTrack>} */
    this.tracks = new Map();
    for (const name of parts) {
      const part = new PlayedPart({ channels, samples, sampleRate: sample_rate });
      const level = new GainNode(this.context);
      level.connect(this._master);
      this.tracks.set(name, { part, played: part, level, meter: meterOf(level) });
    }
  }

  // Takes in a part's samples: 32-bit floats, channels interleaved.
  /**
   * @param {string} name
   * @param {ReadableStream<Uint8Array> | Blob} samples
   */
  fill(name, samples) {
    return this._track(name).part.fill(samples, () => this._filled());
  }

  // The part as it is in the song, at its own speed.
  /** @param {string} name */
  partOf(name) {
    return this._track(name).part;
  }

  /** @param {string} name */
  _track(name) {
    return /** @type {FullTrack} */ (this.tracks.get(name));
  }

  _filled() {
    this.pump();
    this.dispatchEvent(new Event("filled"));
  }

  // How many seconds can be played.
  get ready() {
    return (this._playable * this.speed) / this._rate;
  }

  get isWhole() {
    return [...this.tracks.values()].every(({ part }) => part.isWhole);
  }

  get _playable() {
    return Math.min(...Array.from(this.tracks.values(), ({ played }) => played.playable));
  }

  get _length() {
    return Math.max(...Array.from(this.tracks.values(), ({ played }) => played.length));
  }

  /** @param {number} seconds */
  _sample(seconds) {
    return Math.max(0, Math.min(this._length, Math.round((seconds * this._rate) / this.speed)));
  }

  // Samples since the context began, at the song's rate.
  get _now() {
    return Math.ceil(this.context.currentTime * this._rate - 1e-3); // which is rounded
  }

  // When what is asked for now begins or ends.
  get _soon() {
    return this._now + Math.ceil(LEAD * this._rate);
  }

  /** @returns {{start: number, end: number} | null} */
  get _looped() {
    return this.loop && { start: this._sample(this.loop.start), end: this._sample(this.loop.end) };
  }

  // The sample that is heard at a time.
  /** @param {number} time */
  _sampleAt(time) {
    if (!this._run) return this._place;
    const { begins, from } = this._run;
    const sample = from + Math.max(0, time - begins);
    const loop = this._looped;
    if (loop && sample >= loop.end) {
      return loop.start + ((sample - loop.end) % (loop.end - loop.start));
    }
    return Math.min(sample, this._length);
  }

  get position() {
    return Math.min(this.duration, (this._sampleAt(this._now) * this.speed) / this._rate);
  }

  async play() {
    if (this.playing) return;
    if (this.context instanceof AudioContext) await this.context.resume();
    if (this.playing) return; // it was asked for twice
    this.playing = true;
    if (this._place >= this._length) this._place = 0;
    this._start(this._place);
    clearInterval(this._timer);
    this._timer = setInterval(() => this.pump(), PAUSE);
    this._changed();
  }

  pause() {
    if (!this.playing) return;
    this._halt(this._sampleAt(this._now));
    this._changed();
  }

  /** @param {number} seconds */
  seek(seconds) {
    this._move(this._sample(seconds));
    this._changed();
  }

  /** @param {number} sample */
  _move(sample) {
    if (this.playing) this._start(sample);
    else this._place = sample;
  }

  // Goes on from a sample; what sounds until then is faded over into it.
  /**
   * @param {number} sample
   * @param {number} [begins]
   */
  _start(sample, begins = this._soon) {
    const loop = this._looped;
    const from = loop && sample >= loop.end ? loop.start : sample;
    this._end(begins + this._fade);
    this._place = from;
    this.waiting = !this._hasEnough(from);
    if (this.waiting) return;
    this._run = { begins, from };
    this._voices.push(new Voice(this._played, { begins, from, fade: this._fade }));
    this.pump();
  }

  get _played() {
    return Array.from(this.tracks.values(), ({ played, level }) => ({ part: played, level }));
  }

  get _fade() {
    return Math.round(FADE * this._rate);
  }

  /** @param {number} sample */
  _hasEnough(sample) {
    if (this._playable < Math.min(this._length, sample + ENOUGH * this._rate)) return false;
    return !this._load(sample, sample + PIECE);
  }

  // Has what lies between two samples loaded, and goes on then; null if all is there.
  /**
   * @param {number} from
   * @param {number} to
   */
  _load(from, to) {
    const loads = this._played.map(({ part }) => part.load(from, to));
    if (loads.every((load) => load === null)) return null;
    return Promise.all(loads).then(
      () => this.pump(),
      () => {}, // what cannot be read is waited for
    );
  }

  // Loads what is seen of a short stretch, to the sample; whether there was anything to load.
  /** @param {Span} view */
  async see({ start, end }) {
    const [from, to] = [start, end].map((seconds) => Math.max(0, seconds * this._rate));
    const load = to - from < 4 * PIECE ? this._load(from, to) : null;
    await load;
    return load !== null;
  }

  /** @param {number} time */
  _end(time) {
    for (const voice of this._voices) voice.end(time, this._fade);
    this._voices = [];
    this._run = null;
  }

  /** @param {number} sample */
  _halt(sample) {
    this._end(this._soon);
    this._place = sample;
    this.playing = this.waiting = false;
    clearInterval(this._timer);
  }

  // Schedules what comes next; called again and again while it plays.
  pump() {
    if (!this.playing) return;
    if (this.waiting) {
      if (!this._hasEnough(this._place)) return;
      this._start(this._place);
      this._changed();
      return;
    }
    const until = this._now + this._ahead * this._rate;
    const loop = this._looped;
    this._voices = this._voices.filter(({ ends }) => ends > this._now);
    const last = this._voices.at(-1);
    if (!last || (!last.isComplete && last.scheduled < this._now)) {
      this._start(this._sampleAt(this._now)); // this computer was asleep
      return;
    }
    for (let voice = last; ; voice = this._voices[this._voices.length - 1]) {
      if (loop) voice.end(voice.timeOf(loop.end), this._seam(loop));
      const next = voice.extend(until);
      if (this._load(next, next) || !loop || voice.ends > until) break;
      this._voices.push(this._pass(voice.ends, loop));
    }
    this._checkEnd();
  }

  // The next pass of the loop. It is faded in before its first sample, so that what begins there
  // keeps its attack.
  /**
   * @param {number} time
   * @param {{start: number, end: number}} loop
   */
  _pass(time, loop) {
    const fade = Math.min(this._seam(loop), loop.start);
    return new Voice(this._played, { begins: time - fade, from: loop.start - fade, fade });
  }

  /** @param {{start: number, end: number}} loop */
  _seam({ start, end }) {
    return Math.min(this._fade, Math.floor((end - start) / 2));
  }

  _checkEnd() {
    const voice = this._voices[this._voices.length - 1];
    if (voice.isComplete) {
      if (this.loop || this._now < voice.scheduled) return;
      this._halt(this._length);
      this._changed();
    } else if (this._now > voice.scheduled - (2 * PAUSE * this._rate) / 1000) {
      const sample = this._sampleAt(voice.scheduled); // and no further yet
      voice.end(voice.scheduled, this._fade);
      this._voices = [];
      this._run = null;
      this._place = sample;
      this.waiting = true;
      this._changed();
    }
  }

  /**
   * @param {string} name
   * @param {number} gain
   */
  setGain(name, gain) {
    this._track(name).level.gain.setTargetAtTime(gain, this.context.currentTime, SMOOTH);
  }

  /** @param {number} gain */
  setMaster(gain) {
    this._master.gain.setTargetAtTime(gain, this.context.currentTime, SMOOTH);
  }

  // Plays at another speed, from samples that were stretched to it: streams by the parts' names.
  // Nothing is heard until enough of them is there.
  /**
   * @param {number} speed
   * @param {(name: string) => Promise<ReadableStream<Uint8Array> | Blob>} open
   */
  async setSpeed(speed, open) {
    const place = this.position;
    this._end(this._soon);
    this.speed = speed;
    const fills = [];
    for (const [name, track] of this.tracks) {
      const { part } = track;
      if (track.played !== part) track.played.cancel();
      track.played = part;
      if (speed === 1) continue;
      const samples = roundedHalfToEven(part.length / speed);
      const played = new PlayedPart({ ...part, samples });
      track.played = played;
      fills.push(async () => {
        await played.fill(await open(name), () => this._filled());
      });
    }
    this._place = this._sample(place);
    if (this.playing) this._start(this._place);
    this._changed();
    await Promise.all(fills.map((fill) => fill()));
  }

  // The largest magnitude that is heard right now, of a part or of all together.
  /** @param {string} [name] */
  peakNow(name) {
    if (!this.playing) return 0;
    return peakOfMeter(name ? this._track(name).meter : this._meter);
  }

  // The largest magnitude of the whole song with the parts at these gains, by their names.
  /** @param {Levels} gains */
  peak(gains) {
    return peakOf(Array.from(this.tracks, ([name, { played }]) => ({ part: played, gain: gains[name] })));
  }

  // The mean power of the song with the parts at these gains.
  /** @param {Levels} gains */
  power(gains) {
    return powerOf(Array.from(this.tracks, ([name, { part }]) => ({ part, gain: gains[name] })));
  }

  // Shows what would be looped, without looping it yet.
  /** @param {Span | null} selection */
  preview(selection) {
    this.selection = selection;
    this._changed();
  }

  // Chooses what to loop, and whether to.
  /**
   * @param {Span | null} selection
   * @param {boolean} on
   */
  select(selection, on) {
    // What is heard when the change takes effect, so that nothing is heard of it.
    const begins = this._soon;
    const sample = this._sampleAt(begins);
    this.selection = selection && this._longEnough(selection);
    this.loop = on ? (this.selection ?? this._longEnough({ start: 0, end: this.duration })) : null;
    if (this.playing) this._start(sample, begins);
    this._changed();
  }

  /** @param {Span} span */
  _longEnough({ start, end }) {
    if (this.duration < SHORTEST) return null;
    const first = Math.min(start, this.duration - SHORTEST);
    return { start: first, end: Math.max(end, first + SHORTEST) };
  }

  close() {
    this._end(this._now);
    this.playing = false;
    clearInterval(this._timer);
    for (const { part, played } of this.tracks.values()) {
      part.cancel();
      played.cancel();
    }
    if (this.context instanceof AudioContext) this.context.close();
  }

  _changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * @typedef {{part: PlayedPart, played: PlayedPart, level: GainNode,
 *   meter: import("./loudness.js").Meter}} FullTrack
 */
