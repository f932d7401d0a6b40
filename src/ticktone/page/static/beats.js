// Where the beats of a song are, from its drums.
// @ts-check

const STEP = 0.005; // seconds between two values of the envelope
const USUAL = 0.5; // seconds of a beat; others are taken if they fit clearly better...
const SPREAD = 0.9; // ...the more so the further they lie from it, in octaves
const SHORTEST = 0.25; // seconds of a beat
const LONGEST = 1.2;
const TIGHT = 100; // how much a beat that is not where the last one says costs
const FLOOR = 1e-4; // of the envelope, below which nothing counts

// D. P. W. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36(1), 2007.
/** @param {import("./part.js").PlayedPart} drums */
export function findBeats(drums) {
  const onsets = onsetsOf(drums);
  if (onsets.every((value) => value === 0)) return [];
  return track(onsets, periodOf(onsets)).map((step) => step * STEP);
}

// The beat that is nearest to a moment, if there is any.
/**
 * @param {number[]} beats
 * @param {number} seconds
 * @returns {number | undefined}
 */
export function nearest(beats, seconds) {
  return beats.reduce(
    (best, beat) => (Math.abs(beat - seconds) < Math.abs(best - seconds) ? beat : best),
    beats[0],
  );
}

// How much louder the drums become from one step to the next, in multiples of the usual.
/** @param {import("./part.js").PlayedPart} drums */
function onsetsOf(drums) {
  const hop = STEP * drums.sampleRate;
  const onsets = new Float32Array(Math.floor(drums.filled / hop));
  const floor = FLOOR * drums.loudest;
  let before = Math.log(floor || 1);
  let sum = 0;
  for (let step = 0; step < onsets.length; step++) {
    const now = Math.log(Math.max(drums.peakBetween(step * hop, (step + 1) * hop), floor) || 1);
    onsets[step] = Math.max(0, now - before);
    sum += onsets[step] ** 2;
    before = now;
  }
  const usual = Math.sqrt(sum / Math.max(1, onsets.length));
  return usual ? onsets.map((value) => value / usual) : onsets;
}

// The steps of a beat: where the onsets are most like themselves.
/** @param {Float32Array} onsets */
function periodOf(onsets) {
  let best = USUAL / STEP;
  let most = -Infinity;
  for (let lag = Math.round(SHORTEST / STEP); lag <= LONGEST / STEP; lag++) {
    let sum = 0;
    for (let step = lag; step < onsets.length; step++) {
      // An onset may fall on either side of a step's edge.
      const near = Math.max(onsets[step - lag], onsets[step - lag - 1] ?? 0, onsets[step - lag + 1]);
      sum += onsets[step] * near;
    }
    const weight = Math.exp(-0.5 * (Math.log2((lag * STEP) / USUAL) / SPREAD) ** 2);
    if (sum * weight > most) {
      most = sum * weight;
      best = lag;
    }
  }
  return best;
}

// The steps at which beats are: on onsets, a period apart.
/**
 * @param {Float32Array} onsets
 * @param {number} period
 */
function track(onsets, period) {
  const scores = new Float32Array(onsets.length);
  const last = new Int32Array(onsets.length).fill(-1);
  const nearest = Math.round(period / 2);
  const costs = Array.from({ length: 2 * period + 1 }, (_, gap) =>
    gap < nearest ? Infinity : TIGHT * Math.log(gap / period) ** 2,
  );
  for (let step = 0; step < onsets.length; step++) {
    let most = 0; // where no beat before it helps, it is the first
    for (let gap = nearest; gap <= Math.min(step, 2 * period); gap++) {
      const score = scores[step - gap] - costs[gap];
      if (score > most) {
        most = score;
        last[step] = step - gap;
      }
    }
    scores[step] = onsets[step] + most;
  }
  let step = scores.indexOf(Math.max(...scores.slice(-period)));
  const beats = [];
  for (; step >= 0; step = last[step]) beats.unshift(step);
  return beats;
}
