// A part's samples, in pieces that can be played while the others are still coming.
//
// They are kept in 16 bits, half of what the browser's floating point takes: exactly where the song
// has no more, else to 1/32768 of the largest of their piece. What is downloaded is not made of them.
// What comes from a file on this computer is not kept, but read again piece by piece when it is played.
// @ts-check

import { piecesOf } from "./blob.js";

export const PIECE = 2 ** 15; // samples
const BLOCK = 64; // samples to a peak that is kept; as many times as it goes into a piece
const KEPT = 24; // pieces of a file that stay after they were read
const STEPS = 2 ** 15; // of 16 bits, to either side

/** @typedef {{unit: number, channels: Int16Array[]}} Packed */
/** @typedef {{unit: number, channels: Float32Array[]}} Coming */

export class PlayedPart {
  /** @param {{channels: number, samples: number, sampleRate: number}} about */
  constructor({ channels, samples, sampleRate }) {
    this.channels = channels;
    this.length = samples;
    this.sampleRate = sampleRate;
    this.filled = 0; // samples that are there
    this.loudest = 0;
    this._peaks = new Float32Array(Math.ceil(samples / BLOCK));
    /** @type {(Packed | null)[]} */
    this._pieces = []; // those that are whole; null is one that is in the file alone
    /** @type {Blob | null} */
    this._file = null;
    /** @type {number[]} */
    this._read = []; // pieces from the file, in the order in which they came
    /** @type {Map<number, Promise<void>>} */
    this._loading = new Map();
    /** @type {Float32Array[]} */
    this._coming = []; // the channels of the piece that is not
    /** @type {Float32Array[]} */
    this._scratch = []; // the channels of a piece of the file that is being packed
    /** @type {ReadableStreamDefaultReader<Uint8Array> | null} */
    this._reader = null;
    this._isCancelled = false;
  }

  get isWhole() {
    return this.filled === this.length;
  }

  // How many samples, from the first, can be played: a piece that may still change cannot.
  get playable() {
    return this.isWhole ? this.length : Math.floor(this.filled / PIECE) * PIECE;
  }

  /** @param {number} index */
  _lengthOf(index) {
    return Math.min(PIECE, this.length - index * PIECE);
  }

  // A channel of a piece, as far as it is there, and what its values are multiples of.
  /**
   * @param {number} index
   * @param {number} channel
   */
  _kept(index, channel) {
    const { unit, channels } = this._pieces[index] ?? { unit: 1, channels: this._coming };
    return { unit, values: channels[channel] };
  }

  // Whether a piece can be played without being loaded.
  /** @param {number} index */
  isHere(index) {
    return this._pieces[index] !== null;
  }

  // Has the pieces between two samples here for a while; null if they are.
  /**
   * @param {number} from
   * @param {number} to
   */
  load(from, to) {
    const loads = [];
    for (let index = Math.floor(from / PIECE); index * PIECE <= to; index++) {
      if (!this.isHere(index)) loads.push(this._loading.get(index) ?? this._load(index));
    }
    return loads.length ? Promise.all(loads) : null;
  }

  /** @param {number} index */
  _load(index) {
    const loading = this._piece(index).then((piece) => {
      this._pieces[index] = piece;
      this._read.push(index);
      if (this._read.length > KEPT) this._pieces[/** @type {number} */ (this._read.shift())] = null;
    });
    this._loading.set(index, loading);
    const done = () => this._loading.delete(index);
    loading.then(done, done);
    return loading;
  }

  // All pieces in order, as far as they are there, from wherever they are. What one holds may change
  // when the next one is asked for.
  /** @returns {AsyncGenerator<Coming | Packed, void>} */
  async *pieces() {
    if (!this._file) {
      for (let index = 0; index * PIECE < this.filled; index++) {
        yield this._pieces[index] ?? { unit: 1, channels: this._coming };
      }
      return;
    }
    const channels = this._emptyPiece();
    for await (const bytes of piecesOf(this._file, this._pieceBytes)) {
      yield { unit: 1, channels: separated(bytes, channels) };
    }
  }

  get _pieceBytes() {
    return 4 * this.channels * PIECE;
  }

  _emptyPiece() {
    return Array.from({ length: this.channels }, () => new Float32Array(PIECE));
  }

  // A piece from the file.
  /** @param {number} index */
  async _piece(index) {
    const file = /** @type {Blob} */ (this._file);
    const from = index * this._pieceBytes;
    const [bytes] = await all(piecesOf(file.slice(from, from + this._pieceBytes), this._pieceBytes));
    if (!this._scratch.length) this._scratch = this._emptyPiece();
    return pack(separated(bytes, this._scratch));
  }

  // A piece to play, which must be here.
  /** @param {number} index */
  playedPiece(index) {
    const buffer = new AudioBuffer({
      numberOfChannels: this.channels,
      length: this._lengthOf(index),
      sampleRate: this.sampleRate,
    });
    for (let channel = 0; channel < this.channels; channel++) {
      unpack(this._kept(index, channel), buffer.getChannelData(channel));
    }
    return buffer;
  }

  // Takes in the samples: 32-bit floats, channels interleaved. `told` is called again and again as
  // they come.
  /**
   * @param {ReadableStream<Uint8Array> | Blob} source
   * @param {() => void} [told]
   */
  async fill(source, told) {
    if (source instanceof Blob) await this._takeIn(source, told);
    else await this._receive(source, told);
    if (!this.isWhole && !this._isCancelled) throw new Error("The samples broke off; try again.");
  }

  /**
   * @param {Blob} file
   * @param {() => void} [told]
   */
  async _takeIn(file, told) {
    this._file = file;
    for await (const bytes of piecesOf(file, this._pieceBytes)) {
      if (this._isCancelled) break;
      this._append(samplesOf(bytes));
      told?.();
    }
  }

  /**
   * @param {ReadableStream<Uint8Array>} stream
   * @param {() => void} [told]
   */
  async _receive(stream, told) {
    const frame = 4 * this.channels; // bytes
    const reader = stream.getReader();
    this._reader = reader;
    if (this._isCancelled) this.cancel();
    /** @type {Uint8Array} */
    let rest = new Uint8Array(0);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const bytes = rest.length || value.byteOffset % 4 ? joined(rest, value) : value;
      const whole = Math.floor(bytes.length / frame) * frame;
      this._append(samplesOf(bytes.subarray(0, whole)));
      rest = bytes.slice(whole);
      told?.();
    }
  }

  // Takes in no more.
  cancel() {
    this._isCancelled = true;
    this._reader?.cancel().catch(() => {}); // it may have failed already
  }

  /** @param {Float32Array} values */
  _append(values) {
    const count = this.channels;
    const last = Math.min(this.length, this.filled + values.length / count);
    let index = 0;
    while (this.filled < last) {
      const size = this._lengthOf(this._pieces.length);
      let within = this.filled % PIECE;
      if (!within && this._coming[0]?.length !== size) {
        this._coming = Array.from({ length: count }, () => new Float32Array(size));
      }
      const channels = this._coming;
      const end = Math.min(size, within + last - this.filled);
      for (; within < end; within++, this.filled++) {
        const block = Math.floor(this.filled / BLOCK);
        for (let channel = 0; channel < count; channel++, index++) {
          channels[channel][within] = values[index];
          const magnitude = Math.abs(values[index]);
          if (magnitude > this._peaks[block]) this._peaks[block] = magnitude;
        }
        if (this._peaks[block] > this.loudest) this.loudest = this._peaks[block];
      }
      if (within === size) this._pieces.push(this._file ? null : pack(channels));
    }
    if (this.isWhole) this._coming = [];
  }

  // The largest magnitude among these samples.
  /**
   * @param {number} from
   * @param {number} to
   */
  peakBetween(from, to) {
    let most = 0;
    const isHere = [from, to].every((at) => this.isHere(Math.floor(at / PIECE)));
    if (to - from >= BLOCK || !isHere) {
      const last = Math.min(this._peaks.length, Math.ceil(to / BLOCK));
      for (let at = Math.max(0, Math.floor(from / BLOCK)); at < last; at++) {
        if (this._peaks[at] > most) most = this._peaks[at];
      }
      return most;
    }
    const first = Math.max(0, Math.floor(from));
    const last = Math.min(this.filled, Math.max(first + 1, Math.ceil(to)));
    for (let channel = 0; channel < this.channels; channel++) {
      for (let at = first; at < last; at++) {
        const { unit, values } = this._kept(Math.floor(at / PIECE), channel);
        most = Math.max(most, unit * Math.abs(values[at % PIECE]));
      }
    }
    return most;
  }
}

/**
 * @param {Uint8Array} first
 * @param {Uint8Array} second
 */
function joined(first, second) {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/** @param {Uint8Array} bytes */
function samplesOf({ buffer, byteOffset, length }) {
  return new Float32Array(buffer, byteOffset, Math.floor(length / 4));
}

// The channels of interleaved samples, in memory that has room for them.
/**
 * @param {Uint8Array} bytes
 * @param {Float32Array[]} channels
 */
function separated(bytes, channels) {
  const values = samplesOf(bytes);
  const [count, length] = [channels.length, values.length / channels.length];
  return channels.map((memory, channel) => {
    for (let at = 0; at < length; at++) memory[at] = values[count * at + channel];
    return memory.subarray(0, length);
  });
}

/**
 * @template T
 * @param {AsyncIterable<T>} items
 */
async function all(items) {
  const found = [];
  for await (const item of items) found.push(item);
  return found;
}

// The unit is a power of two, so that what has 16 bits or fewer stays as it is.
/**
 * @param {Float32Array[]} channels
 * @returns {Packed}
 */
function pack(channels) {
  let [lowest, highest] = [0, 0];
  for (const values of channels) {
    for (const value of values) {
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    }
  }
  let unit = 2 ** Math.ceil(Math.log2(Math.max(-lowest, highest) || 1)) / STEPS;
  if (Math.round(highest / unit) === STEPS) unit *= 2; // which 16 bits lack above zero
  const packed = channels.map((values) => {
    const whole = new Int16Array(values.length);
    for (let at = 0; at < whole.length; at++) whole[at] = Math.round(values[at] / unit);
    return whole;
  });
  return { unit, channels: packed };
}

/**
 * @param {{unit: number, values: Int16Array | Float32Array}} kept
 * @param {Float32Array} samples
 */
function unpack({ unit, values }, samples) {
  for (let at = 0; at < values.length; at++) samples[at] = unit * values[at];
}

// Calls `visit` with the samples of several parts' pieces, one channel of a piece at a time, for as
// much as all of them hold.
/**
 * @param {PlayedPart[]} parts
 * @param {(values: Float32Array[], length: number) => void} visit
 */
export async function visitTogether(parts, visit) {
  if (!parts.length) return;
  const filled = Math.min(...parts.map((part) => part.filled));
  const values = parts.map(() => new Float32Array(PIECE));
  const iterators = parts.map((part) => part.pieces());
  for (let start = 0; start < filled; start += PIECE) {
    const pieces = await Promise.all(iterators.map((iterator) => iterator.next()));
    for (let channel = 0; channel < parts[0].channels; channel++) {
      pieces.forEach(({ value }, at) => {
        const { unit, channels } = /** @type {Coming | Packed} */ (value);
        unpack({ unit, values: channels[channel] }, values[at]);
      });
      visit(values, Math.min(PIECE, filled - start));
    }
  }
  for (const iterator of iterators) iterator.return();
}

// As the server rounds.
/** @param {number} value */
export function roundedHalfToEven(value) {
  return value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);
}
