// The discrete Fourier transform of complex values, as many as a power of two, in place.
// @ts-check

export class FFT {
  /** @param {number} size */
  constructor(size) {
    if (size < 4 || size & (size - 1)) throw new Error(`${size} is no power of two from 4 on`);
    this.size = size;
    this._cos = Float64Array.from({ length: size }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this._sin = Float64Array.from({ length: size }, (_, k) => -Math.sin((2 * Math.PI * k) / size));
    const bits = Math.log2(size);
    this._reversed = Uint32Array.from({ length: size }, (_, index) => {
      let reversed = 0;
      for (let bit = 0; bit < bits; bit++) reversed |= ((index >> bit) & 1) << (bits - 1 - bit);
      return reversed;
    });
    this._isOdd = bits % 2 === 1;
  }

  // With the two arrays exchanged it is the inverse, times the size.
  /**
   * @param {Float64Array} re
   * @param {Float64Array} im
   */
  transform(re, im) {
    this._sort(re, im);
    if (this._isOdd) this._pairs(re, im);
    for (let quarter = this._isOdd ? 2 : 1; quarter < this.size; quarter *= 4) {
      this._quartets(re, im, quarter);
    }
  }

  /**
   * @param {Float64Array} re
   * @param {Float64Array} im
   */
  _sort(re, im) {
    const { size, _reversed: reversed } = this;
    for (let i = 0; i < size; i++) {
      const j = reversed[i];
      if (j > i) {
        const [real, imaginary] = [re[i], im[i]];
        re[i] = re[j];
        im[i] = im[j];
        re[j] = real;
        im[j] = imaginary;
      }
    }
  }

  // Transforms of two values each.
  /**
   * @param {Float64Array} re
   * @param {Float64Array} im
   */
  _pairs(re, im) {
    for (let i = 0; i < this.size; i += 2) {
      const [real, imaginary] = [re[i + 1], im[i + 1]];
      re[i + 1] = re[i] - real;
      im[i + 1] = im[i] - imaginary;
      re[i] += real;
      im[i] += imaginary;
    }
  }

  // Four transforms of `quarter` values become one, by two steps of Cooley and Tukey's (1965).
  /**
   * @param {Float64Array} re
   * @param {Float64Array} im
   * @param {number} quarter
   */
  _quartets(re, im, quarter) {
    const { size, _cos: cos, _sin: sin } = this;
    const stride = size / (4 * quarter);
    for (let start = 0; start < size; start += 4 * quarter) {
      for (let k = 0; k < quarter; k++) {
        const i = start + k;
        const j = i + quarter;
        const l = j + quarter;
        const m = l + quarter;
        const turn = k * stride;
        const jRe = re[j] * cos[2 * turn] - im[j] * sin[2 * turn];
        const jIm = re[j] * sin[2 * turn] + im[j] * cos[2 * turn];
        const lRe = re[l] * cos[turn] - im[l] * sin[turn];
        const lIm = re[l] * sin[turn] + im[l] * cos[turn];
        const mRe = re[m] * cos[3 * turn] - im[m] * sin[3 * turn];
        const mIm = re[m] * sin[3 * turn] + im[m] * cos[3 * turn];
        const sumRe = re[i] + jRe;
        const sumIm = im[i] + jIm;
        const differenceRe = re[i] - jRe;
        const differenceIm = im[i] - jIm;
        re[i] = sumRe + lRe + mRe;
        im[i] = sumIm + lIm + mIm;
        re[j] = differenceRe + lIm - mIm;
        im[j] = differenceIm - lRe + mRe;
        re[l] = sumRe - lRe - mRe;
        im[l] = sumIm - lIm - mIm;
        re[m] = differenceRe - lIm + mIm;
        im[m] = differenceIm + lRe - mRe;
      }
    }
  }
}
