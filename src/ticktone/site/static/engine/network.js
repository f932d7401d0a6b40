// A network divides magnitudes: patches of them in, masks out; as ticktone.methods.network does.
// @ts-check

import { STFT } from "./stft.js";

const TINY = 1e-12;

export class NetworkStage {
  /**
   * @param {ModelSettings} settings
   * @param {RunNetwork} run
   *   The network: masks of [1, 2, bins, frames], which may lack frames on either side.
   */
  constructor(settings, run) {
    this.stft = new STFT(settings.stft);
    this.block = settings.patch; // patches lie at fixed places of the recording
    this.margin = this.context = settings.margin;
    this.lookAhead = settings.ahead;
    this._settings = settings;
    this._run = run;
  }

  /**
   * @param {Frame[]} frames
   * @param {number} first
   * @param {number} count
   * @returns {Promise<Masks[]>}
   */
  async divide(frames, first, count) {
    const { bins } = this.stft;
    const length = this.margin + this._patchOf(frames.length, first) + this.lookAhead;
    const patch = Array.from({ length }, (_, column) => frames[first - this.margin + column]);
    const channels = frames[first].map((_, channel) => channel);
    const together = this._settings.one_mask ?? areAlike(patch, this._settings);
    /** @type {Float32Array[][][]} */
    const masks = [];
    for (const view of together ? [channels] : channels.map((channel) => [channel])) {
      masks.push(await this._masks(networkInput(patch, view, bins), length, count));
    }
    return Array.from({ length: count }, (_, index) => [
      channels.map((channel) => masks[together ? 0 : channel][index][0]),
      channels.map((channel) => masks[together ? 0 : channel][index][1]),
    ]);
  }

  // The length of a patch, which is shorter if it holds a whole recording.
  /**
   * @param {number} frames
   * @param {number} first
   */
  _patchOf(frames, first) {
    const { multiple } = this._settings;
    if (first || !this.margin || !multiple) return this.block;
    return Math.min(this.block, Math.ceil(frames / multiple) * multiple);
  }

  // The harmonic and the percussive mask of each frame, divided by their sum.
  /**
   * @param {Float32Array} input
   * @param {number} length
   * @param {number} count
   */
  async _masks(input, length, count) {
    const { bins } = this.stft;
    const masks = await this._run(input, [1, 1, bins, length]);
    const before = this.margin - (length - masks.frames) / 2;
    const half = bins * masks.frames;
    return Array.from({ length: count }, (_, index) => {
      const harmonic = new Float32Array(bins);
      const percussive = new Float32Array(bins);
      for (let k = 0; k < bins; k++) {
        const at = k * masks.frames + before + index;
        const sum = Math.max(masks.data[at] + masks.data[half + at], TINY);
        harmonic[k] = masks.data[at] / sum;
        percussive[k] = masks.data[half + at] / sum;
      }
      return [harmonic, percussive];
    });
  }
}

// Whether the channels may share their masks; as ticktone.methods.alike tells.
/**
 * @param {({magnitude: Float32Array}[] | undefined)[]} patch
 * @param {{alike: number, silent: number}} settings
 */
export function areAlike(patch, { alike, silent }) {
  const channels = patch.find((frame) => frame)?.length ?? 0;
  const energy = new Float64Array(channels);
  const product = new Float64Array(channels);
  let energyOfMean = 0;
  for (const frame of patch) {
    if (!frame) continue;
    for (let k = 0; k < frame[0].magnitude.length; k++) {
      let mean = 0;
      for (const { magnitude } of frame) mean += magnitude[k] / channels;
      energyOfMean += mean * mean;
      for (let channel = 0; channel < channels; channel++) {
        const value = frame[channel].magnitude[k];
        energy[channel] += value * value;
        product[channel] += value * mean;
      }
    }
  }
  const loudest = Math.max(...energy);
  return energy.every(
    (own, channel) =>
      own <= silent * loudest || product[channel] >= alike * Math.sqrt(own * energyOfMean),
  );
}

// What a network takes: the mean magnitude of some channels, bin by bin; the known normalisations
// are steps of the network itself. Beyond the recording's ends it is zero.
/**
 * @param {(Frame | undefined)[]} patch
 * @param {number[]} channels
 * @param {number} bins
 */
function networkInput(patch, channels, bins) {
  const input = new Float32Array(bins * patch.length);
  patch.forEach((frame, column) => {
    for (const channel of frame ? channels : []) {
      const { magnitude } = /** @type {Frame} */ (frame)[channel];
      for (let k = 0; k < bins; k++) {
        input[k * patch.length + column] += magnitude[k] / channels.length;
      }
    }
  });
  return input;
}
