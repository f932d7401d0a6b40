// FLAC files decoded exactly, block by block (RFC 9639).
// @ts-check

import { Bits, crc16 } from "./bits.js";
import { BlockMemory } from "./buffer.js";
import { isDeep } from "./wav.js";

const DAMAGED = "is a damaged FLAC file";
const SPARE = 64; // bytes for headers
const SIZES = [0, 192, 576, 1152, 2304, 4608, 0, 0, ...[256, 512, 1024, 2048, 4096], 8192, 16384, 32768];
const DEPTHS = [0, 8, 12, 0, 16, 20, 24, 32];
const [LEFT_SIDE, SIDE_RIGHT, MID_SIDE] = [8, 9, 10];
// Of the last samples, to predict the next by a polynomial (section 9.2.5).
const FIXED = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

// Returns null if it is no FLAC file.
/**
 * @param {Blob} file
 * @returns {Promise<Recording | null>}
 */
export async function openFlac(file) {
  const tag = new Uint8Array(await file.slice(0, 10).arrayBuffer());
  let start = 0;
  if (String.fromCharCode(...tag.slice(0, 3)) === "ID3") {
    start = 10 + tag.slice(6).reduce((size, byte) => size * 128 + (byte & 127), 0);
  }
  const head = new Uint8Array(await file.slice(start, start + 42).arrayBuffer());
  if (String.fromCharCode(...head.slice(0, 4)) !== "fLaC") return null;
  if (head.length < 42 || (head[4] & 127) !== 0) throw new Error(DAMAGED);
  const info = readInfo(new Bits(head.subarray(8)));
  const frames = await firstFrame(file, start + 4);
  const { sampleRate, channels, bits, total } = info;
  return {
    ...{ sampleRate, channels, isFloat: false, mask: null },
    bits: bits <= 8 ? 8 : bits <= 16 ? 16 : bits <= 24 ? 24 : 32, // as WAV has them
    frames: total || null,
    blocks: () => decode(file, frames, info),
  };
}

/** @param {Bits} bits */
function readInfo(bits) {
  bits.unsigned(16);
  const longest = bits.unsigned(16); // samples of a frame
  bits.unsigned(48);
  return {
    longest,
    sampleRate: bits.unsigned(20),
    channels: bits.unsigned(3) + 1,
    bits: bits.unsigned(5) + 1,
    total: bits.unsigned(36),
  };
}

// Where the frames begin, behind the blocks of metadata.
/**
 * @param {Blob} file
 * @param {number} at
 */
async function firstFrame(file, at) {
  for (;;) {
    const block = new Uint8Array(await file.slice(at, at + 4).arrayBuffer());
    if (block.length < 4) throw new Error(DAMAGED);
    at += 4 + block[1] * 2 ** 16 + block[2] * 2 ** 8 + block[3];
    if (block[0] & 128) return at;
  }
}

/**
 * @param {Blob} file
 * @param {number} start
 * @param {FlacInfo} info
 */
async function* decode(file, start, info) {
  const { longest, channels, total } = info;
  // No frame is longer than its samples as they are.
  const enough = SPARE + Math.ceil((channels * longest * (info.bits + 1)) / 8);
  let [bytes, at, given] = [new Uint8Array(0), start, 0];
  let bits = new Bits(bytes);
  const memory = { signals: new BlockMemory(), samples: new BlockMemory() };
  while (total ? given < total : bits.byte < bytes.length || at < file.size) {
    if (bytes.length - bits.byte < enough && at < file.size) {
      const more = await file.slice(at, at + enough + 2 ** 18).arrayBuffer();
      at += more.byteLength;
      const rest = bytes.subarray(bits.byte);
      bytes = new Uint8Array(rest.length + more.byteLength);
      bytes.set(rest);
      bytes.set(new Uint8Array(more), rest.length);
      bits = new Bits(bytes);
    }
    if (bits.byte >= bytes.length) throw new Error("is cut off: its last samples are not there");
    const block = readFrame(bits, info, memory);
    given += block[0].length;
    yield block;
  }
}

/**
 * @param {Bits} bits
 * @param {FlacInfo} info
 * @param {{signals: BlockMemory, samples: BlockMemory}} memory
 * @returns {Samples[]}
 */
function readFrame(bits, info, memory) {
  const start = bits.byte;
  if (bits.unsigned(14) !== 0x3ffe) throw new Error(DAMAGED);
  bits.unsigned(2);
  const [size, rate, assignment, depth] = [4, 4, 4, 3].map((count) => bits.unsigned(count));
  bits.unsigned(1);
  const number = Math.clz32(~(bits.unsigned(8) << 24)); // of ones that the frame's number begins with
  for (let byte = 1; byte < number; byte++) bits.unsigned(8);
  let samples = SIZES[size];
  if (size === 6) samples = bits.unsigned(8) + 1;
  if (size === 7) samples = bits.unsigned(16) + 1;
  if (rate >= 12) bits.unsigned(rate === 12 ? 8 : 16);
  bits.unsigned(8); // the header's own check: the frame's covers it
  const width = DEPTHS[depth] || info.bits;
  const channels = assignment < LEFT_SIDE ? assignment + 1 : 2;
  if (channels !== info.channels || !samples || assignment > MID_SIDE) throw new Error(DAMAGED);
  const signals = memory.signals.block(channels, samples, new Float64Array(0));
  signals.forEach((signal, channel) => {
    const isSide = assignment === SIDE_RIGHT ? channel === 0 : assignment > 7 && channel === 1;
    readSubframe(bits, signal, width + Number(isSide));
  });
  bits.align();
  const end = bits.byte;
  if (end + 2 > bits.bytes.length) throw new Error("is cut off: its last samples are not there");
  if (bits.unsigned(16) !== crc16(bits.bytes, start, end)) throw new Error(DAMAGED);
  decorrelate(signals, assignment);
  const full = 2 ** (width - 1);
  for (const signal of signals) for (let n = 0; n < samples; n++) signal[n] /= full;
  if (isDeep({ bits: width, isFloat: false })) return signals;
  const block = memory.samples.block(channels, samples);
  signals.forEach((signal, channel) => block[channel].set(signal));
  return block;
}

/**
 * @param {Bits} bits
 * @param {Samples} signal
 * @param {number} width
 */
function readSubframe(bits, signal, width) {
  const samples = signal.length;
  bits.unsigned(1);
  const type = bits.unsigned(6);
  const wasted = bits.unsigned(1) ? bits.unary() + 1 : 0;
  const depth = width - wasted;
  if (type === 0) {
    signal.fill(bits.signed(depth));
  } else if (type === 1) {
    for (let n = 0; n < samples; n++) signal[n] = bits.signed(depth);
  } else if (type >= 8 && type <= 12) {
    predict(bits, signal, depth, type - 8, () => ({ weights: FIXED[type - 8], shift: 0 }));
  } else if (type >= 32) {
    predict(bits, signal, depth, type - 31, () => readWeights(bits, type - 31));
  } else {
    throw new Error(DAMAGED);
  }
  if (wasted) for (let n = 0; n < samples; n++) signal[n] *= 2 ** wasted;
}

/**
 * @param {Bits} bits
 * @param {number} order
 */
function readWeights(bits, order) {
  const precision = bits.unsigned(4) + 1;
  const shift = bits.signed(5);
  return { weights: Array.from({ length: order }, () => bits.signed(precision)), shift };
}

// The first samples as they are, the others by what the last `order` of them predict.
/**
 * @param {Bits} bits
 * @param {Samples} signal
 * @param {number} depth
 * @param {number} order
 * @param {() => {weights: number[], shift: number}} model
 */
function predict(bits, signal, depth, order, model) {
  if (order > signal.length) throw new Error(DAMAGED);
  for (let n = 0; n < order; n++) signal[n] = bits.signed(depth);
  const { weights, shift } = model();
  readResidual(bits, signal, order);
  const scale = 2 ** shift;
  for (let n = order; n < signal.length; n++) {
    let sum = 0;
    for (let k = 0; k < order; k++) sum += weights[k] * signal[n - 1 - k];
    signal[n] += Math.floor(sum / scale);
  }
}

// What prediction leaves, in partitions of Rice codes.
/**
 * @param {Bits} bits
 * @param {Samples} signal
 * @param {number} order
 */
function readResidual(bits, signal, order) {
  const width = bits.unsigned(2) ? 5 : 4;
  const partitions = 2 ** bits.unsigned(4);
  const length = signal.length / partitions;
  if (length !== Math.floor(length) || length < order) throw new Error(DAMAGED);
  for (let part = 0; part < partitions; part++) {
    const parameter = bits.unsigned(width);
    const escaped = parameter === 2 ** width - 1 ? bits.unsigned(5) : -1;
    for (let n = part ? part * length : order; n < (part + 1) * length; n++) {
      if (escaped >= 0) {
        signal[n] = bits.signed(escaped);
      } else {
        const folded = bits.unary() * 2 ** parameter + bits.unsigned(parameter);
        signal[n] = folded % 2 ? -(folded + 1) / 2 : folded / 2;
      }
    }
  }
}

/**
 * @param {Samples[]} signals
 * @param {number} assignment
 */
function decorrelate([first, second], assignment) {
  if (assignment < LEFT_SIDE) return;
  for (let n = 0; n < first.length; n++) {
    if (assignment === LEFT_SIDE) {
      second[n] = first[n] - second[n];
    } else if (assignment === SIDE_RIGHT) {
      first[n] += second[n];
    } else {
      const side = second[n];
      const twice = 2 * first[n] + (Math.abs(side) % 2);
      first[n] = (twice + side) / 2;
      second[n] = (twice - side) / 2;
    }
  }
}
