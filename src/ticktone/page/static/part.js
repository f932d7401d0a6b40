// A part's samples, in pieces that can be played while the others are still coming.
// @ts-check

export const PIECE = 2 ** 15; // samples
const BLOCK = 256; // samples to a peak that is kept; as many times as it goes into a piece

export class PlayedPart {
  /** @param {{channels: number, samples: number, sampleRate: number}} about */
  constructor({ channels, samples, sampleRate }) {
    this.channels = channels;
    this.length = samples;
    this.sampleRate = sampleRate;
    this.filled = 0; // samples that are there
    this.loudest = 0;
    this._peaks = new Float32Array(Math.ceil(samples / BLOCK));
    /** @type {AudioBuffer[]} */
    this._pieces = []; // made as they are needed
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
  piece(index) {
    this._pieces[index] ??= new AudioBuffer({
      numberOfChannels: this.channels,
      length: Math.min(PIECE, this.length - index * PIECE),
      sampleRate: this.sampleRate,
    });
    return this._pieces[index];
  }

  // Takes in the samples: a stream of 32-bit floats, channels interleaved. `told` is called again
  // and again as they come.
  /**
   * @param {ReadableStream<Uint8Array>} stream
   * @param {() => void} [told]
   */
  async fill(stream, told) {
    const frame = 4 * this.channels; // bytes
    const reader = stream.getReader();
    this._reader = reader;
    if (this._isCancelled) this.cancel();
    let rest = new Uint8Array(0);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const bytes = new Uint8Array(rest.length + value.length);
      bytes.set(rest);
      bytes.set(value, rest.length);
      const whole = Math.floor(bytes.length / frame) * this.channels;
      this._append(new Float32Array(bytes.buffer, 0, whole));
      rest = bytes.subarray(4 * whole);
      told?.();
    }
    if (!this.isWhole && !this._isCancelled) throw new Error("The samples broke off; try again.");
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
      const piece = this.piece(Math.floor(this.filled / PIECE));
      const channels = Array.from({ length: count }, (_, at) => piece.getChannelData(at));
      let within = this.filled % PIECE;
      const end = Math.min(piece.length, within + last - this.filled);
      for (; within < end; within++, this.filled++) {
        const block = Math.floor(this.filled / BLOCK);
        for (let channel = 0; channel < count; channel++, index++) {
          channels[channel][within] = values[index];
          const size = Math.abs(values[index]);
          if (size > this._peaks[block]) this._peaks[block] = size;
        }
        if (this._peaks[block] > this.loudest) this.loudest = this._peaks[block];
      }
    }
  }

  // The largest magnitude among these samples.
  /**
   * @param {number} from
   * @param {number} to
   */
  peakBetween(from, to) {
    let most = 0;
    if (to - from >= BLOCK) {
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
        const values = this.piece(Math.floor(at / PIECE)).getChannelData(channel);
        most = Math.max(most, Math.abs(values[at % PIECE]));
      }
    }
    return most;
  }
}

// Calls `visit` with the samples of several parts' pieces, one channel of a piece at a time, for as
// much as all of them hold.
/**
 * @param {PlayedPart[]} parts
 * @param {(values: Float32Array[], length: number) => void} visit
 */
export function visitTogether(parts, visit) {
  if (!parts.length) return;
  const filled = Math.min(...parts.map((part) => part.filled));
  for (let start = 0; start < filled; start += PIECE) {
    for (let channel = 0; channel < parts[0].channels; channel++) {
      const values = parts.map((part) => part.piece(start / PIECE).getChannelData(channel));
      visit(values, Math.min(PIECE, filled - start));
    }
  }
}
