// How loud parts are together.
// @ts-check

import { visitTogether } from "./part.js";

/** @typedef {{node: AnalyserNode, values: Float32Array<ArrayBuffer>}} Meter */

const EVERY = 16; // samples between two that the power is taken from

// The largest magnitude of the sum of parts, each at a gain.
/** @param {{part: import("./part.js").PlayedPart, gain: number}[]} layers */
export async function peakOf(layers) {
  const heard = layers.filter(({ gain }) => gain > 0);
  const gains = heard.map(({ gain }) => gain);
  let most = 0;
  await visitTogether(
    heard.map(({ part }) => part),
    (signals, length) => {
      for (let at = 0; at < length; at++) {
        let sum = 0;
        for (let i = 0; i < gains.length; i++) sum += gains[i] * signals[i][at];
        if (sum > most) most = sum;
        else if (-sum > most) most = -sum;
      }
    },
  );
  return most;
}

// The mean power of such a sum.
/** @param {{part: import("./part.js").PlayedPart, gain: number}[]} layers */
export async function powerOf(layers) {
  let sum = 0;
  let count = 0;
  await visitTogether(
    layers.map(({ part }) => part),
    (signals, length) => {
      for (let at = 0; at < length; at += EVERY, count++) {
        let value = 0;
        for (let i = 0; i < layers.length; i++) value += layers[i].gain * signals[i][at];
        sum += value * value;
      }
    },
  );
  return sum / Math.max(1, count);
}

// What measures a sound as it is heard.
/** @param {AudioNode} source */
export function meterOf(source) {
  const node = new AnalyserNode(source.context, { fftSize: 2048 });
  source.connect(node);
  return { node, values: new Float32Array(node.fftSize) };
}

// The largest magnitude that is heard right now.
/** @param {Meter} meter */
export function peakOfMeter({ node, values }) {
  node.getFloatTimeDomainData(values);
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
