// A network divides magnitudes: patches of them in, masks out; as ticktone.methods.network does.
// @ts-check

import { shownFor } from "./patch_views.js";
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
    this.context = settings.margin;
    this.lookAhead = settings.ahead;
    this._settings = settings;
    this._run = run;
    this._input = new Float32Array(0);
    /** @type {Float32Array[][][]} */
    this._memory = []; // masks by view, frame and part
  }

  /**
   * @param {Frame[]} frames
   * @param {number} first
   * @param {number} count
   * @returns {Promise<Masks[]>}
   */
  async divide(frames, first, count) {
    const { bins } = this.stft;
    const { shown: patch, before } = shownFor(frames, first, this._settings);
    const size = bins * patch.length;
    const channels = frames[first].map((_, channel) => channel);
    const together = this._settings.one_mask ?? areAlike(patch, this._settings);
    /** @type {Float32Array[][][]} */
    const masks = [];
    if (this._input.length !== size) this._input = new Float32Array(size);
    for (const view of together ? [channels] : channels.map((channel) => [channel])) {
      fillInput(this._input, patch, view, bins);
      this._memory[view[0]] ??= [];
      const part = { before, length: patch.length, count };
      masks.push(await this._masks(this._input, part, this._memory[view[0]]));
    }
    return Array.from({ length: count }, (_, index) => [
      channels.map((channel) => masks[together ? 0 : channel][index][0]),
      channels.map((channel) => masks[together ? 0 : channel][index][1]),
    ]);
  }

  // The harmonic and the percussive mask of each frame, divided by their sum.
  /**
   * @param {Float32Array} input
   * @param {{before: number, length: number, count: number}} part
   * @param {Float32Array[][]} memory
   */
  async _masks(input, { before, length, count }, memory) {
    const { bins } = this.stft;
    const masks = await this._run(input, [1, 1, bins, length]);
    const start = before - (length - masks.frames) / 2;
    const half = bins * masks.frames;
    return Array.from({ length: count }, (_, index) => {
      memory[index] ??= [new Float32Array(bins), new Float32Array(bins)];
      const [harmonic, percussive] = memory[index];
      for (let k = 0; k < bins; k++) {
        const at = k * masks.frames + start + index;
        const sum = Math.max(masks.data[at] + masks.data[half + at], TINY);
        harmonic[k] = masks.data[at] / sum;
        percussive[k] = masks.data[half + at] / sum;
      }
      return memory[index];
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
 * @param {Float32Array} input
 * @param {(Frame | undefined)[]} patch
 * @param {number[]} channels
 * @param {number} bins
 */
function fillInput(input, patch, channels, bins) {
  input.fill(0);
  patch.forEach((frame, column) => {
    for (const channel of frame ? channels : []) {
      const { magnitude } = /** @type {Frame} */ (frame)[channel];
      for (let k = 0; k < bins; k++) {
        input[k * patch.length + column] += magnitude[k] / channels.length;
      }
    }
  });
}
