// The constant offset of a recording, taken away before the network sees it; as
// ticktone.streaming.offset does.
// @ts-check

import { joined } from "./buffer.js";

const LONGEST = 2; // seconds from which an offset is told
const SHORTEST = 0.04;
const SEGMENTS = 8;
const STEADY = 0.5; // how far, relative to the offset, each segment's mean may be from it
const FEWEST = 256; // samples

// Takes a constant offset away, channel by channel, where there clearly is one.
/**
 * @param {Blocks} blocks
 * @param {number} sampleRate
 * @param {number} latency
 *   Seconds for which the method waits anyway.
 */
export async function* withoutOffset(blocks, sampleRate, latency) {
  const seconds = Math.min(Math.max(latency, SHORTEST), LONGEST);
  const enough = Math.floor(seconds * sampleRate);
  /** @type {Samples[][]} */
  let held = []; // from the first sound on, until the offset is known
  let length = 0; // of what is held
  /** @type {number[] | null} */
  let offset = null; // known once nothing is held any longer
  const settle = () => {
    const whole = joined(held);
    offset = steadyMean(whole, enough);
    held = null;
    return whole;
  };
  /** @param {Samples[]} block */
  const without = (block) =>
    offset ? block.map((channel, index) => channel.map((value) => value - offset[index])) : block;
  for await (const block of blocks) {
    if (!held) {
      yield without(block);
      continue;
    }
    const onset = length ? 0 : firstSound(block);
    if (onset > 0) yield block.map((channel) => channel.subarray(0, onset));
    if (onset === block[0].length) continue;
    held.push(block.map((channel) => channel.slice(onset)));
    length += block[0].length - onset;
    if (length >= enough) yield without(settle());
  }
  if (held && length) yield without(settle());
}

/** @param {Samples[]} block */
function firstSound(block) {
  const onsets = block.map((channel) => channel.findIndex((value) => value !== 0));
  return Math.min(...onsets.map((onset) => (onset < 0 ? block[0].length : onset)));
}

// The mean of each channel, zero where it is not steady; null if all are zero.
/**
 * @param {Samples[]} audio
 * @param {number} enough
 */
function steadyMean(audio, enough) {
  const samples = Math.min(enough, audio[0].length);
  if (samples < FEWEST) return null;
  const length = Math.floor(samples / SEGMENTS);
  const means = audio.map((channel) => {
    const segments = Array.from({ length: SEGMENTS }, (_, index) => {
      let sum = 0;
      for (let n = index * length; n < (index + 1) * length; n++) sum += channel[n];
      return sum / length;
    });
    const mean = segments.reduce((sum, value) => sum + value, 0) / SEGMENTS;
    const steady = segments.every((value) => Math.abs(value - mean) <= STEADY * Math.abs(mean));
    return steady ? Math.fround(mean) : 0;
  });
  return means.some((mean) => mean !== 0) ? means : null;
}
