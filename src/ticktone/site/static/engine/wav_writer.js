// WAV files written as their samples come; what exceeds full scale is limited and counted.
// @ts-check

import { rounded } from "./complement.js";

const [PCM, FLOAT, EXTENSIBLE] = [1, 3, 0xfffe];
const GUID = [0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113];

export class WavWriter {
  /**
   * @param {Format} format
   * @param {(bytes: Uint8Array) => void} write
   *   Bytes that hold until it returns.
   */
  constructor(format, write) {
    this._format = format;
    this._write = write;
    this._memory = new ArrayBuffer(0);
    this.overs = 0; // samples that were limited
    this.peak = 0;
  }

  // What precedes the samples; their number must be known.
  /** @param {number} frames */
  header(frames) {
    const { channels, sampleRate, bits, isFloat, mask } = this._format;
    const kind = isFloat ? FLOAT : PCM;
    const isExtensible = mask !== null || channels > 2;
    const size = isExtensible ? 40 : 16;
    const width = (channels * bits) / 8;
    const length = frames * width;
    if (length > 2 ** 32 - 256) throw new Error("is too long for a WAV file: 4 GiB");
    const bytes = new DataView(new ArrayBuffer(28 + size));
    text(bytes, 0, "RIFF");
    bytes.setUint32(4, 20 + size + length + (length % 2), true);
    text(bytes, 8, "WAVEfmt ");
    bytes.setUint32(16, size, true);
    bytes.setUint16(20, isExtensible ? EXTENSIBLE : kind, true);
    bytes.setUint16(22, channels, true);
    bytes.setUint32(24, sampleRate, true);
    bytes.setUint32(28, sampleRate * width, true);
    bytes.setUint16(32, width, true);
    bytes.setUint16(34, bits, true);
    if (isExtensible) {
      bytes.setUint16(36, 22, true);
      bytes.setUint16(38, bits, true);
      bytes.setUint32(40, mask ?? 0, true);
      bytes.setUint16(44, kind, true);
      GUID.forEach((byte, index) => bytes.setUint8(46 + index, byte));
    }
    text(bytes, 20 + size, "data");
    bytes.setUint32(24 + size, length, true);
    return new Uint8Array(bytes.buffer);
  }

  /** @param {Samples[]} block */
  put(block) {
    const { bits } = this._format;
    const width = bits / 8;
    const [channels, count] = [block.length, block[0].length];
    const length = count * channels * width;
    if (this._memory.byteLength < length) this._memory = new ArrayBuffer(length);
    const bytes = new DataView(this._memory, 0, length);
    const set = this._setter(bytes);
    for (let channel = 0; channel < channels; channel++) {
      const samples = block[channel];
      for (let n = 0, at = channel * width; n < count; n++, at += channels * width) {
        const size = Math.abs(samples[n]);
        if (size > this.peak) this.peak = size;
        set(at, samples[n]);
      }
    }
    this._write(new Uint8Array(this._memory, 0, length));
  }

  // Ends a file of so many samples.
  /** @param {number} frames */
  end(frames) {
    const { channels, bits } = this._format;
    if ((frames * channels * bits) % 16) this._write(new Uint8Array(1)); // chunks have even lengths
  }

  /**
   * @param {DataView} bytes
   * @returns {(at: number, value: number) => void}
   */
  _setter(bytes) {
    const { bits, isFloat } = this._format;
    if (isFloat && bits === 32) return (at, value) => bytes.setFloat32(at, value, true);
    if (isFloat) return (at, value) => bytes.setFloat64(at, value, true);
    const full = 2 ** (bits - 1);
    /** @param {number} value */
    const whole = (value) => {
      const exact = rounded(value * full);
      const limited = Math.max(-full, Math.min(full - 1, exact));
      if (limited !== exact) this.overs++;
      return limited;
    };
    if (bits === 8) return (at, value) => bytes.setUint8(at, whole(value) + 128);
    if (bits === 16) return (at, value) => bytes.setInt16(at, whole(value), true);
    if (bits === 32) return (at, value) => bytes.setInt32(at, whole(value), true);
    return (at, value) => {
      const limited = whole(value);
      bytes.setUint16(at, limited & 0xffff, true);
      bytes.setInt8(at + 2, limited >> 16);
    };
  }
}

/**
 * @param {DataView} bytes
 * @param {number} at
 * @param {string} letters
 */
function text(bytes, at, letters) {
  for (let index = 0; index < letters.length; index++) {
    bytes.setUint8(at + index, letters.charCodeAt(index));
  }
}
