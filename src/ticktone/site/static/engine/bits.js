// Bits read from bytes, the most significant first.
// @ts-check

export class Bits {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0; // in bits
  }

  // The next 32, without going on; beyond the end they are zero.
  _window() {
    const { bytes } = this;
    const [byte, shift] = [this.at >>> 3, this.at & 7];
    const word =
      (bytes[byte] << 24) | (bytes[byte + 1] << 16) | (bytes[byte + 2] << 8) | bytes[byte + 3];
    return shift ? (word << shift) | (bytes[byte + 4] >>> (8 - shift)) : word;
  }

  /**
   * @param {number} count
   * @returns {number}
   */
  unsigned(count) {
    if (count === 0) return 0;
    if (count > 32) {
      const high = this.unsigned(count - 32);
      return high * 2 ** 32 + this.unsigned(32);
    }
    const value = this._window() >>> (32 - count);
    this.at += count;
    return value;
  }

  /** @param {number} count */
  signed(count) {
    const value = this.unsigned(count);
    return count && value >= 2 ** (count - 1) ? value - 2 ** count : value;
  }

  // How many zeros come before the next one.
  unary() {
    for (let zeros = 0; ; ) {
      const run = Math.clz32(this._window());
      if (run < 32) {
        this.at += run + 1;
        return zeros + run;
      }
      zeros += 32;
      this.at += 32;
      if (this.at > 8 * this.bytes.length) throw new Error("is a damaged FLAC file");
    }
  }

  align() {
    this.at = (this.at + 7) & ~7;
  }

  // The byte that comes next, where one begins.
  get byte() {
    return this.at >>> 3;
  }
}

// Remainders of a polynomial over the bytes, as FLAC checks itself.
/**
 * @param {number} polynomial
 * @param {number} width
 */
function table(polynomial, width) {
  const top = 2 ** (width - 1);
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let rest = byte << (width - 8);
    for (let bit = 0; bit < 8; bit++) rest = rest & top ? (rest << 1) ^ polynomial : rest << 1;
    return rest & (2 ** width - 1);
  });
}

const CRC16 = table(0x8005, 16);

/**
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} end
 */
export function crc16(bytes, start, end) {
  let rest = 0;
  for (let at = start; at < end; at++) {
    rest = ((rest << 8) & 0xffff) ^ CRC16[(rest >> 8) ^ bytes[at]];
  }
  return rest;
}
