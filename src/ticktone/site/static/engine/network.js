// A network divides magnitudes: patches of them in, masks out; as ticktone.methods.network does.
// @ts-check

import { STFT } from "./stft.js";

const TINY = 1e-12;

export class NetworkStage {
  /**
   * @param {ModelSettings} settings
   * @param {RunNetwork} run
   */
  constructor(settings, run) {
    this.stft = new STFT(settings.stft);
    this.block = settings.patch; // patches lie at fixed places of the recording
    this.margin = this.context = settings.margin;
    this.lookAhead = settings.ahead;
    this._together = settings.channels; // that the network is shown at a time
    this._oneMask = settings.one_mask; // for all channels, made from their mean magnitude
    this._run = run;
  }

  /**
   * @param {Frame[]} frames
   * @param {number} first
   * @param {number} count
   * @returns {Promise<Masks[]>}
   */
  async divide(frames, first, count) {
    const channels = frames[first].map((_, channel) => channel);
    const views = this._oneMask ? [channels] : channels.map((channel) => [channel]);
    /** @type {Float32Array[][][]} */
    const masks = []; // by view, part and frame
    for (let at = 0; at < views.length; at += this._together) {
      const shown = views.slice(at, at + this._together);
      masks.push(...(await this._masksOf(shown, frames, first, count)));
    }
    return Array.from({ length: count }, (_, index) =>
      [0, 1].map((part) =>
        channels.map((channel) => masks[this._oneMask ? 0 : channel][part][index]),
      ),
    );
  }

  // The masks of views that the network is shown together, a lone one as a pair with itself.
  /**
   * @param {number[][]} views
   * @param {Frame[]} frames
   * @param {number} first
   * @param {number} count
   */
  async _masksOf(views, frames, first, count) {
    const { bins } = this.stft;
    const length = this.margin + this.block + this.lookAhead;
    const shown = Array.from({ length: this._together }, (_, index) => views[index] ?? views.at(-1));
    const input = networkInput(frames, first - this.margin, length, bins, shown);
    const answer = await this._run(input, [1, shown.length, bins, length]);
    const start = this.margin - (length - answer.frames) / 2;
    return views.map((_, view) => {
      const isLast = view === views.length - 1;
      const copies = isLast ? shown.length - view : 1; // whose masks are averaged
      const [harmonic, percussive] = [0, 1].map(() =>
        Array.from({ length: count }, () => new Float32Array(bins)),
      );
      for (let k = 0; k < bins; k++) {
        for (let index = 0; index < count; index++) {
          let [ofHarmonic, ofPercussive] = [0, 0];
          for (let copy = view; copy < view + copies; copy++) {
            const row = 2 * bins * copy + k;
            ofHarmonic += answer.data[row * answer.frames + start + index];
            ofPercussive += answer.data[(row + bins) * answer.frames + start + index];
          }
          const sum = Math.max(ofHarmonic + ofPercussive, TINY);
          harmonic[index][k] = ofHarmonic / sum;
          percussive[index][k] = ofPercussive / sum;
        }
      }
      return [harmonic, percussive];
    });
  }
}

// What a network takes: the mean magnitude of each view's channels, bin by bin. Beyond the
// recording's ends it is zero. The known normalisations are steps of the network itself.
/**
 * @param {Frame[]} frames
 * @param {number} first
 * @param {number} length
 * @param {number} bins
 * @param {number[][]} views
 */
function networkInput(frames, first, length, bins, views) {
  const input = new Float32Array(views.length * bins * length);
  views.forEach((channels, view) => {
    for (let column = 0; column < length; column++) {
      const frame = frames[first + column];
      for (const channel of frame ? channels : []) {
        const { magnitude } = frame[channel];
        for (let k = 0; k < bins; k++) {
          input[(view * bins + k) * length + column] += magnitude[k] / channels.length;
        }
      }
    }
  });
  return input;
}
