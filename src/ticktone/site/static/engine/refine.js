// The low end of both parts divided anew in a longer window, by a small network; as
// ticktone.methods.refinement and ticktone.streaming.refine do.
// @ts-check

import { BlockMemory, SampleBuffer } from "./buffer.js";
import { areAlike } from "./network.js";
import { shownFor } from "./patch_views.js";
import { atAnotherRate } from "./resample.js";
import { runStage } from "./stage.js";
import { STFT } from "./stft.js";

// Divides parts side by side as channels, the harmonic one's first.
/** @implements {Stage} */
export class LowEndStage {
  /**
   * @param {RefinementSettings} settings
   * @param {RunNetwork} run
   *   Both parts and their medians [1, 4, bins, frames] to the percussive mask [1, 1, bins, frames].
   */
  constructor(settings, run) {
    this._settings = settings;
    this._run = run;
    this.stft = new STFT(settings.stft);
    this.block = settings.patch; // patches lie at fixed places of the recording
    this.context = settings.margin;
    this.lookAhead = settings.ahead;
    this._overFrames = new Float32Array(settings.frames);
    this._overBins = new Float32Array(settings.bins);
    this._setLength(settings.margin + settings.patch + settings.ahead);
    /** @type {Float32Array[][][]} */
    this._memory = []; // masks by view, frame and part
  }

  // Makes room for so many frames.
  /** @param {number} length */
  _setLength(length) {
    const spectra = () => Array.from({ length }, () => new Float32Array(this.stft.bins));
    this._means = [spectra(), spectra()]; // of either part, by frame
    this._input = new Float32Array(4 * this._settings.low * length);
  }

  /**
   * @param {Frame[]} frames
   * @param {number} first
   * @param {number} count
   * @returns {Promise<Masks[]>}
   */
  async divide(frames, first, count) {
    const { shown: patch, before } = shownFor(frames, first, this._settings);
    if (patch.length !== this._means[0].length) this._setLength(patch.length);
    const { low } = this._settings;
    const channels = Array.from({ length: frames[first].length / 2 }, (_, channel) => channel);
    const together = this._settings.one_mask ?? areAlike(both(patch, low), this._settings);
    /** @type {Float32Array[][][]} */
    const masks = [];
    for (const view of together ? [channels] : channels.map((channel) => [channel])) {
      masks.push((await this._masks(patch, view, channels.length)).slice(before, before + count));
    }
    return Array.from({ length: count }, (_, index) => {
      /** @param {number} part */
      const ofPart = (part) => channels.map((channel) => masks[together ? 0 : channel][index][part]);
      return [[], [...ofPart(0), ...ofPart(1)]]; // nobody wants the harmonic ones
    });
  }

  // What of each frame's bins is percussive in either part, by the mean of some channels of both;
  // above the low end all stays where it was found.
  /**
   * @param {(Frame | undefined)[]} patch
   * @param {number[]} channels
   * @param {number} all
   */
  async _masks(patch, channels, all) {
    const { bins } = this.stft;
    const { low } = this._settings;
    const { _means: parts, _input: input } = this;
    patch.forEach((frame, column) => {
      for (const [part, offset] of [0, all].entries()) {
        fillMean(parts[part][column], frame ? channels.map((at) => frame[offset + at]) : []);
      }
    });
    const length = patch.length;
    for (let column = 0; column < length; column++) {
      for (let k = 0; k < low; k++) {
        const at = k * length + column;
        input[at] = parts[0][column][k];
        input[low * length + at] = parts[1][column][k];
        input[2 * low * length + at] = this._overTime(parts[0], column, k);
        input[3 * low * length + at] = this._overFrequency(parts[1][column], k);
      }
    }
    const { data } = await this._run(input, [1, 4, low, length]);
    const memory = (this._memory[channels[0]] ??= []);
    return Array.from({ length }, (_, index) => {
      memory[index] ??= [new Float32Array(bins), new Float32Array(bins).fill(1)];
      for (const mask of memory[index]) {
        for (let k = 0; k < low; k++) mask[k] = data[k * length + index];
      }
      return memory[index];
    });
  }

  /**
   * @param {Float32Array[]} magnitudes
   * @param {number} frame
   * @param {number} k
   */
  _overTime(magnitudes, frame, k) {
    return median(this._overFrames, (n) => magnitudes[mirrored(frame + n, magnitudes.length)][k]);
  }

  /**
   * @param {Float32Array} magnitudes
   * @param {number} k
   */
  _overFrequency(magnitudes, k) {
    return median(this._overBins, (n) => magnitudes[mirrored(k + n, magnitudes.length)]);
  }
}

// Each channel's low end, both parts together.
/**
 * @param {(Frame | undefined)[]} patch
 * @param {number} low
 */
function both(patch, low) {
  return patch.map((frame) => {
    const half = (frame?.length ?? 0) / 2;
    return frame?.slice(0, half).map(({ magnitude }, channel) => ({
      magnitude: magnitude
        .subarray(0, low)
        .map((value, k) => value + frame[half + channel].magnitude[k]),
    }));
  });
}

/**
 * @param {Float32Array} mean
 * @param {Frame} frame
 */
function fillMean(mean, frame) {
  mean.fill(0);
  for (const { magnitude } of frame) {
    for (let k = 0; k < mean.length; k++) mean[k] += magnitude[k] / frame.length;
  }
}

// A place beyond an end is that mirrored at it, the last value twice.
/**
 * @param {number} at
 * @param {number} length
 */
function mirrored(at, length) {
  const period = 2 * length;
  const within = ((at % period) + period) % period;
  return within < length ? within : period - 1 - within;
}

// Of an odd number of values around a place; `values` is room for them.
/**
 * @param {Float32Array} values
 * @param {(offset: number) => number} value
 */
function median(values, value) {
  const half = (values.length - 1) / 2;
  for (let n = 0; n < values.length; n++) values[n] = value(n - half);
  return values.sort()[half];
}

// Moves between two parts what is found to be on the wrong side; their sum stays what it was.
/**
 * @param {RefinementSettings} settings
 * @param {RunNetwork} run
 * @param {Blocks} found
 *   Channels of the harmonic part, then of the percussive one.
 * @param {number} sampleRate
 */
export async function* refined(settings, run, found, sampleRate) {
  const stage = new LowEndStage(settings, run);
  /** @param {Blocks} low */
  async function* corrections(low) {
    const before = new SampleBuffer();
    for await (const after of runStage(stage, before.tee(low), [1])) {
      const [length, channels] = [after[0].length, after.length / 2];
      const parts = before.take(length);
      yield after
        .slice(0, channels)
        .map((first, channel) =>
          first.map((value, n) => value + after[channels + channel][n] - parts[channels + channel][n]),
        );
    }
  }
  const parts = new SampleBuffer();
  const rate = sampleRate / settings.decimation;
  const blocks = atAnotherRate(parts.tee(found), sampleRate, rate, corrections);
  const memory = new BlockMemory();
  for await (const correction of blocks) {
    const [channels, length] = [correction.length, correction[0].length];
    const moved = memory.block(2 * channels, length);
    parts.take(length).forEach((signal, index) => {
      const sign = index < channels ? -1 : 1;
      for (let n = 0; n < length; n++) {
        moved[index][n] = signal[n] + sign * correction[index % channels][n];
      }
    });
    yield moved;
  }
}
