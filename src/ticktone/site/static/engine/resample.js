// Work at another sample rate than the recording's: band-limited interpolation with a windowed
// sinc (Smith and Gossett 1984), without delay.
// @ts-check

import { BlockMemory, SampleBuffer, silence } from "./buffer.js";

const ATTENUATION = 170; // dB
const PHASES = 1024; // between which is interpolated, where there are more
// Where a filter begins to fall and where it has fallen, in halves of the lower of its two rates.
const SHARP = { pass: 0.913, stop: 1 };
const COARSE = { pass: 0.25, stop: 1.75 }; // where a sharp one keeps a quarter of what it passes
const FAR = 8; // a ratio of rates from which on both work one after the other, with less to do

/** @param {number} x */
function bessel(x) {
  let [sum, term] = [1, 1];
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/**
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
function commonDivisor(a, b) {
  return b < 1e-6 ? a : commonDivisor(b, a % b);
}

class Filter {
  /**
   * @param {number} up
   * @param {number} down
   * @param {{pass: number, stop: number}} edges
   */
  constructor(up, down, { pass, stop }) {
    const nyquist = Math.min(1, up / down) / 2; // cycles per sample that comes in
    this.cutoff = ((pass + stop) / 2) * nyquist;
    const width = (ATTENUATION - 8) / (2.285 * 2 * Math.PI * (stop - pass) * nyquist);
    this.half = 2 * Math.ceil(width / 4); // of the taps, whose number four divides
    this.beta = 0.1102 * (ATTENUATION - 8.7);
    this.phases = Math.min(up, PHASES);
    /** @type {Float32Array[]} */
    this._taps = [];
  }

  // The weights of the samples around a moment so many phases after one of them; see `half`.
  /** @param {number} phase */
  taps(phase) {
    return (this._taps[phase] ??= this._compute(phase / this.phases));
  }

  /** @param {number} moment */
  _compute(moment) {
    const taps = new Float64Array(2 * this.half);
    for (let k = 0; k < taps.length; k++) {
      const x = k - this.half + 1 - moment;
      const angle = 2 * Math.PI * this.cutoff * x;
      const sinc = x === 0 ? 1 : Math.sin(angle) / angle;
      taps[k] = sinc * bessel(this.beta * Math.sqrt(Math.max(0, 1 - (x / this.half) ** 2)));
    }
    const sum = taps.reduce((total, tap) => total + tap, 0);
    return Float32Array.from(taps, (tap) => tap / sum);
  }
}

// Converts a stream to another rate (Hz). It has round(samples * to / from) samples then.
/**
 * @param {Blocks} blocks
 * @param {number} from
 * @param {number} to
 */
export async function* resampled(blocks, from, to) {
  let [received, given, channels] = [0, 0, 0];
  async function* counted() {
    for await (const block of blocks) {
      received += block[0].length;
      channels = block.length;
      yield block;
    }
  }
  const between = 4 * Math.min(from, to);
  const converted =
    Math.max(from, to) < FAR * Math.min(from, to)
      ? filtered(counted(), from, to, SHARP)
      : from > to
        ? filtered(filtered(counted(), from, between, COARSE), between, to, SHARP)
        : filtered(filtered(counted(), from, between, SHARP), between, to, COARSE);
  const total = () => received && Math.max(1, Math.floor((received * to) / from + 0.5));
  for await (const block of converted) {
    // Its end may be rounded up; before that, filters withhold more than rounding adds.
    const fitting = block.map((channel) => channel.subarray(0, total() - given));
    given += fitting[0].length;
    if (fitting[0].length) yield fitting;
  }
  if (given < total()) yield silence(channels, total() - given);
}

// Converts a stream by one filter, to its end rounded up.
/**
 * @param {Blocks} blocks
 * @param {number} from
 * @param {number} to
 * @param {{pass: number, stop: number}} edges
 */
async function* filtered(blocks, from, to, edges) {
  const divisor = commonDivisor(Math.max(from, to), Math.min(from, to));
  const [up, down] = [Math.round(to / divisor), Math.round(from / divisor)];
  const filter = new Filter(up, down, edges);
  const sound = new SampleBuffer();
  const memory = new BlockMemory();
  let [received, given, origin] = [0, 0, -filter.half]; // `origin`: where `sound` begins
  /** @param {number} count */
  const convert = (count) => {
    const samples = sound.peek(sound.length);
    const converted = memory.block(samples.length, count);
    samples.forEach((channel, index) => {
      convolve(channel, converted[index], { given, origin, up, down }, filter);
    });
    given += count;
    const needed = Math.floor((given * down) / up) - filter.half + 1;
    if (needed > origin) {
      sound.drop(Math.min(sound.length, needed - origin));
      origin = needed;
    }
    return converted;
  };
  for await (const block of blocks) {
    if (!received) sound.put(silence(block.length, filter.half));
    received += block[0].length;
    sound.put(block);
    const known = Math.ceil(((received - filter.half) * up) / down); // outputs whose taps are here
    if (known > given) yield convert(known - given);
  }
  if (!received) return;
  sound.put(silence(sound.peek(0).length, filter.half));
  const total = Math.ceil((received * up) / down);
  if (total > given) yield convert(total - given);
}

/**
 * @param {Samples} samples
 * @param {Samples} converted
 * @param {{given: number, origin: number, up: number, down: number}} where
 * @param {Filter} filter
 */
function convolve(samples, converted, { given, origin, up, down }, filter) {
  const { half, phases } = filter;
  for (let n = 0; n < converted.length; n++) {
    const moment = (given + n) * down;
    const index = Math.floor(moment / up);
    const phase = ((moment - index * up) * phases) / up;
    const nearest = Math.floor(phase);
    const share = phase - nearest;
    const start = index - origin - half + 1;
    let sum = (1 - share) * dot(samples, start, filter.taps(nearest));
    if (share > 0) sum += share * dot(samples, start, filter.taps(nearest + 1));
    converted[n] = sum;
  }
}

/**
 * @param {Samples} samples
 * @param {number} start
 * @param {Float32Array} taps
 */
function dot(samples, start, taps) {
  let [a, b, c, d] = [0, 0, 0, 0]; // four sums, that none waits for the other
  for (let k = 0, n = start; k < taps.length; k += 4, n += 4) {
    a += samples[n] * taps[k];
    b += samples[n + 1] * taps[k + 1];
    c += samples[n + 2] * taps[k + 2];
    d += samples[n + 3] * taps[k + 3];
  }
  return a + b + c + d;
}

// Resamples a stream, works on it, and resamples what comes of it back: as many samples.
/**
 * @param {Blocks} blocks
 * @param {number} rate
 * @param {number} other
 * @param {(blocks: Blocks) => Blocks} work
 */
export async function* atAnotherRate(blocks, rate, other, work) {
  let [received, given, channels] = [0, 0, 1];
  async function* counted() {
    for await (const block of blocks) {
      received += block[0].length;
      yield block;
    }
  }
  for await (const back of resampled(work(resampled(counted(), rate, other)), other, rate)) {
    channels = back.length;
    const block = back.map((channel) => channel.subarray(0, received - given)); // it may be too many
    given += block[0].length;
    if (block[0].length) yield block;
  }
  if (given < received) yield silence(channels, received - given); // or too few
}
