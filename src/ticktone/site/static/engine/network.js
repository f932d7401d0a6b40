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
    this._run = run;
  }

  // Masks for the channels together, made from their mean magnitude.
  /**
   * @param {Frame[]} frames
   * @param {number} first
   * @param {number} count
   * @returns {Promise<Masks[]>}
   */
  async divide(frames, first, count) {
    const { bins } = this.stft;
    const length = this.margin + this.block + this.lookAhead;
    const input = networkInput(frames, first - this.margin, length, bins);
    const masks = await this._run(input, [1, 1, bins, length]);
    const before = this.margin - (length - masks.frames) / 2;
    const half = bins * masks.frames;
    const channels = frames[first].length;
    return Array.from({ length: count }, (_, index) => {
      const harmonic = new Float32Array(bins);
      const percussive = new Float32Array(bins);
      for (let k = 0; k < bins; k++) {
        const at = k * masks.frames + before + index;
        const sum = Math.max(masks.data[at] + masks.data[half + at], TINY);
        harmonic[k] = masks.data[at] / sum;
        percussive[k] = masks.data[half + at] / sum;
      }
      return [Array(channels).fill(harmonic), Array(channels).fill(percussive)];
    });
  }
}

// What a network takes: the channels' mean magnitude, bin by bin; the known normalisations are steps
// of the network itself. Beyond the recording's ends it is zero.
/**
 * @param {Frame[]} frames
 * @param {number} first
 * @param {number} length
 * @param {number} bins
 */
function networkInput(frames, first, length, bins) {
  const input = new Float32Array(bins * length);
  for (let column = 0; column < length; column++) {
    const frame = frames[first + column] ?? [];
    for (const { magnitude } of frame) {
      for (let k = 0; k < bins; k++) input[k * length + column] += magnitude[k] / frame.length;
    }
  }
  return input;
}
