// Samples in order, first in, first out: blocks are an array of samples for each channel.
//
// What a minute of sound leaves behind would fill a browser before it collects it. So memory is used
// again: a block holds until the next one of the same origin is asked for.
// @ts-check

const SPARE = 1.5; // of the room that is needed, so that what is held is seldom moved

// What is put is copied; what is taken or seen holds until more is put.
export class SampleBuffer {
  constructor() {
    /** @type {Samples[]} */
    this._memory = []; // of each channel
    this._start = 0; // in it
    this.length = 0; // samples that it holds, in each channel
  }

  /** @param {Samples[]} block */
  put(block) {
    this._makeRoom(block);
    const end = this._start + this.length;
    block.forEach((samples, channel) => this._memory[channel].set(samples, end));
    this.length += block[0].length;
  }

  /** @param {Samples[]} block */
  _makeRoom(block) {
    const needed = this.length + block[0].length;
    const room = this._memory.length ? this._memory[0].length : 0;
    if (this._memory.length && this._start + needed <= room) return;
    if (this._memory.length && SPARE * needed <= room) {
      for (const samples of this._memory) samples.copyWithin(0, this._start, this._start + this.length);
    } else {
      const held = this._memory.length ? this.peek(this.length) : [];
      this._memory = emptyBlock(block.length, Math.ceil(SPARE * needed), held[0] ?? block[0]);
      held.forEach((samples, channel) => this._memory[channel].set(samples));
    }
    this._start = 0;
  }

  // The first samples, which stay.
  /**
   * @param {number} length
   * @returns {Samples[]}
   */
  peek(length) {
    const { _start: start } = this;
    const end = start + Math.min(length, this.length);
    return this._memory.map((samples) => samples.subarray(start, end));
  }

  /** @param {number} length */
  drop(length) {
    this._start += length;
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

// Memory for blocks one after the other; what a block held before is still in it.
export class BlockMemory {
  constructor() {
    /** @type {Samples[]} */
    this._memory = [];
  }

  // A block, with samples as precise as those of another.
  /**
   * @param {number} channels
   * @param {number} length
   * @param {Samples} [like]
   * @returns {Samples[]}
   */
  block(channels, length, like) {
    const isFitting = this._memory.length === channels && this._memory[0].length >= length;
    if (!isFitting) this._memory = emptyBlock(channels, length, like);
    return this._memory.map((samples) => samples.subarray(0, length));
  }
}

// Blocks one after another as one.
/**
 * @param {Samples[][]} blocks
 * @returns {Samples[]}
 */
export function joined(blocks) {
  const length = blocks.reduce((sum, block) => sum + block[0].length, 0);
  const whole = emptyBlock(blocks[0].length, length, blocks[0][0]);
  let at = 0;
  for (const block of blocks) {
    block.forEach((samples, channel) => whole[channel].set(samples, at));
    at += block[0].length;
  }
  return whole;
}

/**
 * @param {number} channels
 * @param {number} length
 */
export function silence(channels, length) {
  return Array.from({ length: channels }, () => new Float32Array(length));
}

/**
 * @param {number} channels
 * @param {number} length
 * @param {Samples} [like]
 * @returns {Samples[]}
 */
function emptyBlock(channels, length, like) {
  const Kind = like instanceof Float64Array ? Float64Array : Float32Array;
  return Array.from({ length: channels }, () => new Kind(length));
}
