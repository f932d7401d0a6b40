// WAV files read exactly, block by block: RIFF, RF64 and BW64; integers and floating point.
// @ts-check

import { BlockMemory } from "./buffer.js";

const CHUNK = 2 ** 18; // bytes read at a time, about
const UNKNOWN = 0xffffffff; // of a length that was never filled in
const [PCM, FLOAT, EXTENSIBLE] = [1, 3, 0xfffe];
const GUID = [0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113]; // behind the kind of samples

/**
 * @param {Blob} file
 * @param {number} start
 * @param {number} length
 */
async function view(file, start, length) {
  return new DataView(await file.slice(start, start + length).arrayBuffer());
}

/**
 * @param {DataView} bytes
 * @param {number} at
 */
function word(bytes, at) {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => bytes.getUint8(at + index)));
}

// Returns null if it is no WAV file, or one whose samples are coded in another way.
/**
 * @param {Blob} file
 * @returns {Promise<Recording | null>}
 */
export async function openWav(file) {
  if (file.size < 12) return null;
  const head = await view(file, 0, 12);
  if (!["RIFF", "RF64", "BW64"].includes(word(head, 0)) || word(head, 8) !== "WAVE") return null;
  /** @type {Format | null} */
  let format = null;
  let long = 0; // the length of the samples where 32 bits do not hold it
  for (let at = 12; at + 8 <= file.size; ) {
    const chunk = await view(file, at, 8);
    const [name, size] = [word(chunk, 0), chunk.getUint32(4, true)];
    if (name === "ds64") {
      long = Number((await view(file, at + 16, 8)).getBigUint64(0, true));
    } else if (name === "fmt ") {
      format = readFormat(await view(file, at + 8, Math.min(size, 40)));
      if (!format) return null;
    } else if (name === "data" && format) {
      return recording(file, format, at + 8, size === UNKNOWN ? long : size);
    }
    at += 8 + size + (size % 2);
  }
  throw new Error("is a damaged WAV file: it holds no samples");
}

/** @param {DataView} bytes */
function readFormat(bytes) {
  if (bytes.byteLength < 16) throw new Error("is a damaged WAV file: its format is cut off");
  let kind = bytes.getUint16(0, true);
  let mask = null;
  const bits = bytes.getUint16(14, true);
  if (kind === EXTENSIBLE && bytes.byteLength >= 40) {
    if (GUID.some((byte, index) => bytes.getUint8(26 + index) !== byte)) return null;
    mask = bytes.getUint32(20, true);
    kind = bytes.getUint16(24, true);
  }
  const isKnown = kind === PCM ? [8, 16, 24, 32].includes(bits) : kind === FLOAT && [32, 64].includes(bits);
  if (!isKnown) return null;
  return {
    channels: bytes.getUint16(2, true),
    sampleRate: bytes.getUint32(4, true),
    bits,
    isFloat: kind === FLOAT,
    mask,
  };
}

/**
 * @param {Blob} file
 * @param {Format} format
 * @param {number} start
 * @param {number} told
 * @returns {Recording}
 */
function recording(file, format, start, told) {
  const { channels, bits } = format;
  const width = (channels * bits) / 8; // bytes of a sample of all channels
  const there = file.size - start;
  if (told > there) {
    const missing = (told - there).toLocaleString("en");
    throw new Error(`is cut off: ${missing} bytes of it are not there`);
  }
  // A recorder that broke off never filled the length in.
  const frames = Math.floor((told || there) / Math.max(1, width));
  async function* blocks() {
    const memory = new BlockMemory();
    const step = Math.max(1, Math.floor(CHUNK / width));
    const like = isDeep(format) ? new Float64Array(0) : new Float32Array(0);
    for (let frame = 0; frame < frames; frame += step) {
      const count = Math.min(step, frames - frame);
      const bytes = await view(file, start + frame * width, count * width);
      const block = memory.block(channels, count, like);
      decode(bytes, block, format);
      yield block;
    }
  }
  return { ...format, frames, blocks };
}

/**
 * @param {DataView} bytes
 * @param {Samples[]} block
 * @param {Format} format
 */
function decode(bytes, block, { channels, bits, isFloat }) {
  const width = bits / 8;
  const read = reader(bytes, bits, isFloat);
  block.forEach((samples, channel) => {
    for (let n = 0, at = channel * width; n < samples.length; n++, at += channels * width) {
      samples[n] = read(at);
    }
  });
}

// Whether samples need more than 32-bit floating point.
/** @param {{bits: number, isFloat: boolean}} format */
export function isDeep({ bits, isFloat }) {
  return isFloat ? bits === 64 : bits > 24;
}

/**
 * @param {DataView} bytes
 * @param {number} bits
 * @param {boolean} isFloat
 * @returns {(at: number) => number}
 */
function reader(bytes, bits, isFloat) {
  if (isFloat && bits === 32) return (at) => bytes.getFloat32(at, true);
  if (isFloat) return (at) => bytes.getFloat64(at, true);
  if (bits === 8) return (at) => bytes.getUint8(at) / 128 - 1;
  if (bits === 16) return (at) => bytes.getInt16(at, true) / 2 ** 15;
  if (bits === 24) {
    return (at) => (bytes.getUint16(at, true) + bytes.getInt8(at + 2) * 2 ** 16) / 2 ** 23;
  }
  return (at) => bytes.getInt32(at, true) / 2 ** 31;
}
