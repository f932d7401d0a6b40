// One stage of a method run over a stream of samples, as if over the whole; as
// ticktone.streaming.stage does, with the mixture's phase.
// @ts-check

import { BlockMemory, SampleBuffer, silence } from "./buffer.js";

// Yields for each block the wanted parts (0 harmonic, 1 percussive), their channels in a row: as
// many samples as came in.
/**
 * @param {Stage} stage
 * @param {Blocks} blocks
 * @param {number[]} wanted
 */
export async function* runStage(stage, blocks, wanted) {
  /** @type {Run | null} */
  let run = null;
  for await (const block of blocks) {
    run ??= new Run(stage, block.length, wanted);
    run.put(block);
    yield* run.ready();
  }
  if (run) yield* run.rest();
}

class Run {
  /**
   * @param {Stage} stage
   * @param {number} channels
   * @param {number[]} wanted
   */
  constructor(stage, channels, wanted) {
    this.stage = stage;
    this.stft = stage.stft;
    this.half = this.stft.size / 2;
    this.sound = new SampleBuffer(); // padded by half a frame, from the next frame to transform
    this.sound.put(silence(channels, this.half));
    this.received = 0; // samples of the recording
    /** @type {Frame[]} */
    this.frames = []; // those still needed
    this.origin = 0; // the frame with which they begin
    this.start = 0; // the first frame not yet divided
    this.signals = wanted.flatMap((part) => silence(channels, 0).map((_, channel) => ({ part, channel })));
    this.overlap = new OverlapAdd(this.stft, this.signals.length);
    this.laid = new BlockMemory();
    this.emitted = -this.half; // samples given back; the padding comes first
  }

  /** @param {Samples[]} block */
  put(block) {
    this.received += block[0].length;
    this.sound.put(block);
    this._transform();
  }

  _transform() {
    const { stft, sound } = this;
    const count = Math.floor((sound.length - stft.size) / stft.hop) + 1;
    if (count < 1) return;
    const samples = sound.peek(sound.length);
    for (let at = 0; at < count * stft.hop; at += stft.hop) {
      /** @type {Frame} */
      const frame = [];
      for (let channel = 0; channel < samples.length; channel += 2) {
        frame.push(...stft.forward(samples[channel], samples[channel + 1], at));
      }
      this.frames.push(frame);
    }
    sound.drop(count * stft.hop);
  }

  // Divides every block whose context has arrived.
  async *ready() {
    for (;;) {
      const stop = this.start + this.stage.block;
      if (this.origin + this.frames.length < stop + this.stage.lookAhead) return;
      yield* this._divide(stop, stop + this.stage.lookAhead);
    }
  }

  // Divides what is left, now that the end is known.
  async *rest() {
    const { stft, sound, stage } = this;
    const frames = stft.frames(this.received);
    const missing = frames - this.origin - this.frames.length;
    const length = (missing - 1) * stft.hop + stft.size - sound.length;
    if (length > 0) this.sound.put(silence(sound.peek(0).length, length));
    this._transform();
    while (this.start < frames) {
      const stop = Math.min(this.start + stage.block, frames);
      yield* this._divide(stop, Math.min(stop + stage.lookAhead, frames));
    }
    yield* this._emit(this.overlap.rest());
  }

  // Divides frames `start` to `stop`, seeing frames up to `end`.
  /**
   * @param {number} stop
   * @param {number} end
   */
  async *_divide(stop, end) {
    const { stage, stft, signals } = this;
    const [first, count] = [this.start - this.origin, stop - this.start];
    const masks = await stage.divide(this.frames.slice(0, end - this.origin), first, count);
    const laid = this.laid.block(signals.length, count * stft.hop);
    for (let index = 0; index < count; index++) {
      const frame = this.frames[first + index];
      const masked = signals.map(({ part, channel }) => ({
        bins: frame[channel],
        mask: masks[index][part][channel],
      }));
      this.overlap.add(masked, laid, index * stft.hop);
    }
    this.start = stop;
    const keep = Math.max(0, stop - stage.context);
    for (const frame of this.frames.splice(0, keep - this.origin)) stft.release(frame);
    this.origin = keep;
    yield* this._emit(laid);
  }

  // Yields what lies within the recording.
  /** @param {Samples[]} laid */
  *_emit(laid) {
    const begin = Math.max(0, -this.emitted);
    const end = Math.min(laid[0].length, this.received - this.emitted);
    this.emitted += laid[0].length;
    if (begin < end) yield laid.map((signal) => signal.subarray(begin, end));
  }
}

// Frames laid down one behind the other, divided by the sum of their squared windows.
class OverlapAdd {
  /**
   * @param {import("./stft.js").STFT} stft
   * @param {number} signals
   */
  constructor(stft, signals) {
    this.stft = stft;
    this.weight = new Float64Array(stft.size);
    this.sums = Array.from({ length: signals }, () => new Float64Array(stft.size));
  }

  // Adds a frame of every signal, and writes the samples that no later frame reaches.
  /**
   * @param {Masked[]} masked
   * @param {Samples[]} laid
   * @param {number} at
   */
  add(masked, laid, at) {
    const { stft, sums, weight } = this;
    for (let index = 0; index < masked.length; index += 2) {
      const frames = stft.inverse(masked[index], masked[index + 1]);
      for (const [offset, sum] of sums.slice(index, index + 2).entries()) {
        for (let n = 0; n < stft.size; n++) sum[n] += frames[offset][n];
      }
    }
    for (let n = 0; n < stft.size; n++) weight[n] += stft.taper[n] * stft.taper[n];
    for (const [index, sum] of sums.entries()) {
      this._normalise(sum, laid[index], at, stft.hop);
      shift(sum, stft.hop);
    }
    shift(weight, stft.hop);
  }

  // What the last frames left behind.
  rest() {
    const length = this.stft.size - this.stft.hop;
    return this.sums.map((sum) => {
      const laid = new Float32Array(length);
      this._normalise(sum, laid, 0, length);
      return laid;
    });
  }

  /**
   * @param {Float64Array} sum
   * @param {Samples} laid
   * @param {number} at
   * @param {number} length
   */
  _normalise(sum, laid, at, length) {
    for (let n = 0; n < length; n++) {
      laid[at + n] = this.weight[n] > 1e-10 ? sum[n] / this.weight[n] : sum[n];
    }
  }
}

/**
 * @param {Float64Array} values
 * @param {number} by
 */
function shift(values, by) {
  values.copyWithin(0, by);
  values.fill(0, values.length - by);
}
