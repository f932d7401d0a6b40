// The low end of both parts divided anew in a longer window, by medians; as
// ticktone.methods.refinement and ticktone.streaming.refine do.
// @ts-check

import { SampleBuffer } from "./buffer.js";
import { atAnotherRate } from "./resample.js";
import { runStage } from "./stage.js";
import { STFT } from "./stft.js";

const BLOCK_FRAMES = 64;
const TINY = 1.2e-38;

// Divides parts side by side as channels, the harmonic one's first.
/** @implements {Stage} */
export class MedianStage {
  /** @param {RefinementSettings} settings */
  constructor(settings) {
    this._settings = settings;
    this.stft = new STFT(settings.stft);
    this.block = BLOCK_FRAMES;
    this.context = this.lookAhead = Math.floor(settings.frames / 2);
  }

  /**
   * @param {Frame[]} frames
   * @param {number} first
   * @param {number} count
   * @returns {Promise<Masks[]>}
   */
  async divide(frames, first, count) {
    const { one_mask } = this._settings;
    const channels = Array.from({ length: frames[0].length / 2 }, (_, channel) => channel);
    const views = one_mask ? [channels] : channels.map((channel) => [channel]);
    const found = views.map((view) => this._maskOf(frames, view, first, count));
    return Array.from({ length: count }, (_, index) => {
      const masks = [0, 1].flatMap((part) =>
        channels.map((channel) => found[one_mask ? 0 : channel][index][part]),
      );
      return [[], masks]; // nobody wants the harmonic ones
    });
  }

  // For both parts of some channels, made from their mean.
  /**
   * @param {Frame[]} frames
   * @param {number[]} channels
   * @param {number} first
   * @param {number} count
   */
  _maskOf(frames, channels, first, count) {
    const { bins } = this.stft;
    const { low, power } = this._settings;
    const all = frames[0].length / 2;
    const [harmonic, percussive] = [0, all].map((offset) =>
      frames.map((frame) => meanOf(channels.map((channel) => frame[offset + channel]), bins)),
    );
    return Array.from({ length: count }, (_, index) => {
      const ofHarmonic = new Float32Array(bins);
      const ofPercussive = new Float32Array(bins).fill(1);
      for (let k = 0; k < low; k++) {
        const over = this._overTime(harmonic, first + index, k);
        const across = this._overFrequency(percussive[first + index], k);
        const nothing = Math.max(over, across) < TINY;
        ofHarmonic[k] = ofPercussive[k] = nothing ? 0.5 : 1 / (1 + (over / across) ** power);
      }
      return [ofHarmonic, ofPercussive];
    });
  }

  /**
   * @param {Float32Array[]} magnitudes
   * @param {number} frame
   * @param {number} k
   */
  _overTime(magnitudes, frame, k) {
    return median(this._settings.frames, (n) => magnitudes[mirrored(frame + n, magnitudes.length)][k]);
  }

  /**
   * @param {Float32Array} magnitudes
   * @param {number} k
   */
  _overFrequency(magnitudes, k) {
    return median(this._settings.bins, (n) => magnitudes[mirrored(k + n, magnitudes.length)]);
  }
}

/**
 * @param {Frame} frame
 * @param {number} bins
 */
function meanOf(frame, bins) {
  const mean = new Float32Array(bins);
  for (const { magnitude } of frame) {
    for (let k = 0; k < bins; k++) mean[k] += magnitude[k] / frame.length;
  }
  return mean;
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

// Of an odd number of values around a place.
/**
 * @param {number} length
 * @param {(offset: number) => number} value
 */
function median(length, value) {
  const half = (length - 1) / 2;
  const values = new Float32Array(length);
  for (let n = 0; n < length; n++) values[n] = value(n - half);
  return values.sort()[half];
}

// Moves between two parts what is found to be on the wrong side; their sum stays what it was.
/**
 * @param {RefinementSettings} settings
 * @param {Blocks} found
 *   Channels of the harmonic part, then of the percussive one.
 * @param {number} sampleRate
 */
export async function* refined(settings, found, sampleRate) {
  const stage = new MedianStage(settings);
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
  for await (const correction of blocks) {
    const channels = correction.length;
    yield parts.take(correction[0].length).map((signal, index) => {
      const sign = index < channels ? -1 : 1;
      return signal.map((value, n) => value + sign * correction[index % channels][n]);
    });
  }
}
