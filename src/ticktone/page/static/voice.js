// One run through a song from some sample on: each part's pieces one after the other, to the sample,
// faded in at its beginning and out at its end.
// @ts-check

import { PIECE } from "./part.js";

/** @typedef {{part: import("./part.js").PlayedPart, level: GainNode}} Track */

export class Voice {
  // begins: when, in samples since the context began. from: at which sample of the song.
  // fade: samples over which it is faded in.
  /**
   * @param {Track[]} tracks
   * @param {{begins: number, from: number, fade: number}} where
   */
  constructor(tracks, { begins, from, fade }) {
    this.begins = begins;
    this.from = from;
    this.ends = Infinity; // in samples since the context began
    this._rate = tracks[0].part.sampleRate;
    this._tracks = tracks;
    this._next = from; // the first sample that is not scheduled yet
    this._limit = tracks[0].part.length; // the first one that never will be
    /** @type {Set<AudioBufferSourceNode>} */
    this._sources = new Set();
    this._entries = tracks.map(({ level }) => {
      const entry = new GainNode(level.context, { gain: fade ? 0 : 1 });
      const exit = new GainNode(level.context);
      entry.connect(exit).connect(level);
      if (fade) {
        entry.gain.setValueAtTime(0, begins / this._rate);
        entry.gain.linearRampToValueAtTime(1, (begins + fade) / this._rate);
      }
      return { entry, exit };
    });
  }

  // When a sample of the song is heard, in samples since the context began.
  /** @param {number} sample */
  timeOf(sample) {
    return this.begins + sample - this.from;
  }

  // When what is scheduled ends.
  get scheduled() {
    return this.timeOf(this._next);
  }

  // Whether nothing is left to be scheduled.
  get isComplete() {
    return this._next >= this._limit;
  }

  // Schedules what begins before `until`, as far as it is there. Returns the sample that comes next.
  /** @param {number} until */
  extend(until) {
    const playable = Math.min(...this._tracks.map(({ part }) => part.playable));
    while (this._next < Math.min(this._limit, playable) && this.scheduled < until) {
      const index = Math.floor(this._next / PIECE);
      if (this._tracks.some(({ part }) => !part.isHere(index))) break;
      const offset = this._next - index * PIECE;
      this._tracks.forEach(({ part }, at) => {
        this._start(part.playedPiece(index), offset, this._entries[at].entry);
      });
      this._next = Math.min(playable, (index + 1) * PIECE);
    }
    return this._next;
  }

  /**
   * @param {AudioBuffer} buffer
   * @param {number} offset
   * @param {GainNode} entry
   */
  _start(buffer, offset, entry) {
    const source = new AudioBufferSourceNode(entry.context, { buffer });
    source.connect(entry);
    source.start(this.scheduled / this._rate, offset / this._rate);
    if (this.ends < Infinity) source.stop(this.ends / this._rate);
    source.onended = () => {
      source.disconnect();
      this._sources.delete(source);
      if (!this._sources.size && this.isComplete) this._release();
    };
    this._sources.add(source);
  }

  // Fades it out so that it is silent from then on.
  /**
   * @param {number} time
   * @param {number} fade
   */
  end(time, fade) {
    if (time >= this.ends) return;
    this.ends = time;
    this._limit = Math.min(this._limit, this.from + time - this.begins);
    for (const { exit } of this._entries) {
      exit.gain.cancelScheduledValues(0);
      exit.gain.setValueAtTime(1, Math.max(0, time - fade) / this._rate);
      exit.gain.linearRampToValueAtTime(0, time / this._rate);
    }
    for (const source of this._sources) source.stop(Math.max(0, time) / this._rate);
    if (!this._sources.size && this.isComplete) this._release();
  }

  _release() {
    for (const { exit } of this._entries) exit.disconnect();
  }
}

// At the song's own rate nothing is resampled between the parts and the loudspeaker's driver.
/** @param {number} sampleRate */
export function contextAt(sampleRate) {
  try {
    return new AudioContext({ sampleRate });
  } catch {
    return new AudioContext();
  }
}
