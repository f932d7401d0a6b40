// Spectrograms of the recording and its parts, of bounded width; as ticktone.spectrogram does.
// @ts-check

import { SampleBuffer } from "./buffer.js";
import { STFT } from "./stft.js";

const RANGE = 80; // dB below the mixture's loudest bin
const COLUMNS = 1600; // at most; a longer recording has several frames to a column
const NAMES = ["mixture", "harmonic", "percussive"];

export class Spectrograms {
  /** @param {number} sampleRate */
  constructor(sampleRate) {
    const size = Math.max(16, 2 ** Math.round(Math.log2((2048 * sampleRate) / 44100)));
    const lengths = { window_length: size, hop_length: size / 2, fft_length: size };
    this._stft = new STFT({ ...lengths, window: "hann" });
    this._sampleRate = sampleRate;
    this._sound = new SampleBuffer(); // harmonic and percussive part of each channel in turn
    this._frames = 1; // to a column
    this._count = 0; // frames in `_sums`
    this._sums = NAMES.map(() => new Float64Array(this._stft.bins));
    /** @type {Float32Array[][]} */
    this._columns = []; // by column and name
    /** @type {Float32Array[][]} */
    this._spare = []; // columns that are used again
  }

  /** @param {{harmonic: Samples[], percussive: Samples[]}} parts */
  put({ harmonic, percussive }) {
    const { _stft: stft, _sound: sound } = this;
    sound.put(harmonic.flatMap((signal, channel) => [signal, percussive[channel]]));
    const count = Math.floor((sound.length - stft.size) / stft.hop) + 1;
    if (count < 1) return;
    const samples = sound.peek(sound.length);
    for (let at = 0; at < count * stft.hop; at += stft.hop) this._add(samples, at);
    sound.drop(count * stft.hop);
  }

  /**
   * @param {Samples[]} samples
   * @param {number} at
   */
  _add(samples, at) {
    const { _stft: stft, _sums: sums } = this;
    const channels = samples.length / 2;
    for (let channel = 0; channel < channels; channel++) {
      const [a, b] = stft.forward(samples[2 * channel], samples[2 * channel + 1], at);
      for (let k = 0; k < stft.bins; k++) {
        sums[0][k] += ((a.re[k] + b.re[k]) ** 2 + (a.im[k] + b.im[k]) ** 2) / channels;
        sums[1][k] += a.magnitude[k] ** 2 / channels;
        sums[2][k] += b.magnitude[k] ** 2 / channels;
      }
      stft.release([a, b]);
    }
    this._count++;
    if (this._count === this._frames) this._finishColumn();
  }

  _finishColumn() {
    const { _columns: columns, _frames: frames, _sums: sums } = this;
    const column = this._spare.pop() ?? sums.map(({ length }) => new Float32Array(length));
    column.forEach((power, name) => {
      for (let k = 0; k < power.length; k++) power[k] = sums[name][k] / frames;
      sums[name].fill(0);
    });
    columns.push(column);
    this._count = 0;
    if (columns.length <= COLUMNS) return;
    if (columns.length % 2) {
      // The odd one out waits for its neighbour.
      const odd = columns.pop();
      odd.forEach((power, name) => power.forEach((value, k) => (sums[name][k] = value * frames)));
      this._spare.push(odd);
      this._count = frames;
    }
    for (let index = 0; index < columns.length / 2; index++) {
      const [first, second] = columns.slice(2 * index, 2 * index + 2);
      first.forEach((power, name) => {
        for (let k = 0; k < power.length; k++) power[k] = (power[k] + second[name][k]) / 2;
      });
      columns[index] = first;
      this._spare.push(second);
    }
    columns.length /= 2;
    this._frames *= 2;
  }

  // Levels by name: a byte for each bin, from the lowest, and column, bin by bin; and their size.
  finish() {
    const { _stft: stft } = this;
    if (!this._columns.length) {
      // Even a recording shorter than a frame has a column.
      const missing = new Float32Array(stft.size - this._sound.length);
      const silent = Array(this._sound.peek(0).length / 2).fill(missing);
      this.put({ harmonic: silent, percussive: silent });
    }
    const columns = this._columns.length;
    let loudest = 1e-10;
    for (const [mixture] of this._columns) {
      for (const power of mixture) if (power > loudest) loudest = power;
    }
    const levels = NAMES.map((_, name) => {
      const bytes = new Uint8Array(stft.bins * columns);
      this._columns.forEach((column, at) => {
        column[name].forEach((power, k) => {
          const level = 10 * Math.log10(Math.max(power, 1e-20) / loudest);
          const shade = Math.max(0, Math.min(1, 1 + level / RANGE));
          bytes[k * columns + at] = Math.round(255 * shade);
        });
      });
      return bytes;
    });
    return {
      levels: Object.fromEntries(NAMES.map((name, index) => [name, levels[index]])),
      size: {
        ...{ bins: stft.bins, columns },
        seconds: (columns * this._frames * stft.hop) / this._sampleRate,
      },
    };
  }
}
