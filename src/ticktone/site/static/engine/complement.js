// Two parts that sum to the recording to the bit; as ticktone.complement does.
// @ts-check

const ROUNDER = 1.5 * 2 ** 52; // adding it leaves a double no room for fractions

// The nearest whole number, the even one of two.
/** @param {number} value */
export function rounded(value) {
  return value + ROUNDER - ROUNDER;
}

// The percussive estimate, and everything else as the harmonic part. `step` is the quantisation
// step of the recording and of where its parts go, null if that is not PCM. Where they are written
// to has the mixture's precision.
/**
 * @param {Samples} mixture
 * @param {Samples} percussive
 * @param {number | null} step
 * @param {Samples} [harmonic]
 * @param {Samples} [rest]
 * @returns {{harmonic: Samples, percussive: Samples}}
 */
export function complement(
  mixture,
  percussive,
  step,
  harmonic = mixture.slice(),
  rest = mixture.slice(),
) {
  const exact = mixture.slice(0, 1); // where a value is rounded to that precision
  for (let n = 0; n < mixture.length; n++) {
    exact[0] = step ? rounded(percussive[n] / step) * step : percussive[n];
    harmonic[n] = mixture[n] - exact[0];
    rest[n] = mixture[n] - harmonic[n]; // again, for what the first subtraction rounded
  }
  return { harmonic, percussive: rest };
}
