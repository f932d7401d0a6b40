// Samples in order, first in, first out: blocks are an array of samples for each channel.
// @ts-check

export class SampleBuffer {
  constructor() {
    /** @type {Samples[][]} */
    this._pieces = [];
    this.length = 0; // samples that it holds, in each channel
  }

  /** @param {Samples[]} block */
  put(block) {
    this._pieces.push(block);
    this.length += block[0].length;
  }

  // The first samples, which stay.
  /**
   * @param {number} length
   * @returns {Samples[]}
   */
  peek(length) {
    if (this._pieces.length > 1) this._pieces = [joined(this._pieces)];
    return this._pieces[0].map((channel) => channel.subarray(0, length));
  }

  /** @param {number} length */
  drop(length) {
    this._pieces = [this.peek(this.length).map((channel) => channel.subarray(length))];
    this.length -= length;
  }

  // Removes and returns the first samples.
  /** @param {number} length */
  take(length) {
    const block = this.peek(length);
    this.drop(length);
    return block;
  }

  // Passes blocks on, and appends each one here too.
  /** @param {Blocks} blocks */
  async *tee(blocks) {
    for await (const block of blocks) {
      this.put(block);
      yield block;
    }
  }
}

// Blocks one after another as one.
/**
 * @param {Samples[][]} blocks
 * @returns {Samples[]}
 */
export function joined(blocks) {
  const length = blocks.reduce((sum, block) => sum + block[0].length, 0);
  return blocks[0].map((first, channel) => {
    const whole = first instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
    let at = 0;
    for (const block of blocks) {
      whole.set(block[channel], at);
      at += block[channel].length;
    }
    return whole;
  });
}

/**
 * @param {number} channels
 * @param {number} length
 */
export function silence(channels, length) {
  return Array.from({ length: channels }, () => new Float32Array(length));
}
