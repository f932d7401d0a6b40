// Time <-> time-frequency, with frames centred as ticktone.stft has them. Two real signals are
// transformed at a time, as the real and the imaginary part of a complex one.
// @ts-check

import { FFT } from "./fft.js";

/**
 * @param {number} length
 * @param {string} kind
 */
function windowOf(length, kind) {
  const [period, offset] = kind === "hann" ? [length, 0.5] : [length - 1, 0.54];
  if (!["hann", "symmetric hamming"].includes(kind)) throw new Error(`unknown window ${kind}`);
  return Float64Array.from(
    { length },
    (_, n) => offset - (1 - offset) * Math.cos((2 * Math.PI * n) / period),
  );
}

export class STFT {
  /** @param {STFTSettings} settings */
  constructor({ window_length, hop_length, fft_length, window }) {
    this.hop = hop_length;
    this.size = fft_length;
    this.bins = fft_length / 2 + 1;
    this._window = window_length;
    this.taper = new Float64Array(this.size);
    this.taper.set(windowOf(window_length, window), (this.size - window_length) >> 1);
    this._fft = new FFT(this.size);
    this._re = new Float64Array(this.size);
    this._im = new Float64Array(this.size);
    /** @type {Bins[]} */
    this._spare = [];
  }

  // How many frames a signal of so many samples has.
  /** @param {number} samples */
  frames(samples) {
    const more = 4 * this.hop > this._window ? this.hop - 1 : 0;
    return 1 + Math.floor((samples + more) / this.hop);
  }

  // The spectra of the frames of two signals (of one, if the second is missing) from a sample on.
  /**
   * @param {Samples} first
   * @param {Samples | undefined} second
   * @param {number} start
   * @returns {Bins[]}
   */
  forward(first, second, start) {
    const { size, bins, taper, _re: re, _im: im } = this;
    for (let n = 0; n < size; n++) re[n] = first[start + n] * taper[n];
    if (second) for (let n = 0; n < size; n++) im[n] = second[start + n] * taper[n];
    else im.fill(0);
    this._fft.transform(re, im);
    const spectra = (second ? [first, second] : [first]).map(
      () => this._spare.pop() ?? new Bins(bins),
    );
    spectra[0].set(0, re[0], 0);
    spectra[1]?.set(0, im[0], 0);
    for (let k = 1; k < bins; k++) {
      const mirror = size - k;
      spectra[0].set(k, (re[k] + re[mirror]) / 2, (im[k] - im[mirror]) / 2);
      spectra[1]?.set(k, (im[k] + im[mirror]) / 2, (re[mirror] - re[k]) / 2);
    }
    return spectra;
  }

  // Takes spectra back that nobody needs any longer; the next ones are written over them.
  /** @param {Bins[]} spectra */
  release(spectra) {
    this._spare.push(...spectra);
  }

  // The frames, tapered again, of two spectra times a mask each; they are overwritten by the next.
  /**
   * @param {Masked} first
   * @param {Masked} [second]
   * @returns {Float64Array[]}
   */
  inverse(first, second) {
    const { size, bins, taper, _re: re, _im: im } = this;
    const [a, b] = [first, second ?? first];
    const share = second ? 1 / size : 0;
    for (let k = 0; k < bins; k++) {
      const aRe = (a.bins.re[k] * a.mask[k]) / size;
      const aIm = (a.bins.im[k] * a.mask[k]) / size;
      const bRe = b.bins.re[k] * b.mask[k] * share;
      const bIm = b.bins.im[k] * b.mask[k] * share;
      if (k === 0 || k === bins - 1) {
        re[k] = aRe; // a real signal's spectrum is real at both ends
        im[k] = bRe;
      } else {
        re[k] = aRe - bIm;
        im[k] = aIm + bRe;
        re[size - k] = aRe + bIm;
        im[size - k] = bRe - aIm;
      }
    }
    this._fft.transform(im, re);
    for (let n = 0; n < size; n++) {
      re[n] *= taper[n];
      im[n] *= taper[n];
    }
    return [re, im];
  }
}

// Half of a real frame's spectrum.
export class Bins {
  /** @param {number} bins */
  constructor(bins) {
    const memory = new Float32Array(3 * bins);
    this.re = memory.subarray(0, bins);
    this.im = memory.subarray(bins, 2 * bins);
    this.magnitude = memory.subarray(2 * bins);
  }

  /**
   * @param {number} k
   * @param {number} re
   * @param {number} im
   */
  set(k, re, im) {
    this.re[k] = re;
    this.im[k] = im;
    this.magnitude[k] = Math.sqrt(re * re + im * im);
  }
}
