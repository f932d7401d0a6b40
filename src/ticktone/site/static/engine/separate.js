// The whole chain: blocks of a recording in, blocks of its two parts out, which sum to it.
// @ts-check

import { BlockMemory, SampleBuffer } from "./buffer.js";
import { complement } from "./complement.js";
import { NetworkStage } from "./network.js";
import { withoutOffset } from "./offset.js";
import { refined } from "./refine.js";
import { atAnotherRate } from "./resample.js";
import { runStage } from "./stage.js";

// Yields as many samples of both parts as came in, in blocks of lengths of its own.
/**
 * @param {Blocks} blocks
 * @param {number} sampleRate
 * @param {ModelSettings} settings
 * @param {Networks} networks
 * @param {number | null} step
 * @returns {AsyncGenerator<{harmonic: Samples[], percussive: Samples[]}>}
 */
export async function* separate(blocks, sampleRate, settings, networks, step) {
  const mixtures = new SampleBuffer();
  const memory = new BlockMemory();
  const sound = withoutOffset(single(mixtures.tee(blocks)), sampleRate, settings.latency);
  const rate = settings.sample_rate;
  /** @param {Blocks} sound */
  async function* percussivePart(sound) {
    const stage = new NetworkStage(settings, networks.first);
    const both = runStage(stage, sound, [0, 1]);
    const { refinement } = settings;
    const parts =
      refinement && networks.lowEnd ? refined(refinement, networks.lowEnd, both, rate) : both;
    for await (const block of parts) yield block.slice(block.length / 2);
  }
  const found =
    rate === sampleRate
      ? percussivePart(sound)
      : atAnotherRate(sound, sampleRate, rate, percussivePart);
  for await (const percussive of found) {
    const [channels, length] = [percussive.length, percussive[0].length];
    const mixture = mixtures.take(length);
    const parts = memory.block(2 * channels, length, mixture[0]);
    const both = { harmonic: parts.slice(0, channels), percussive: parts.slice(channels) };
    mixture.forEach((samples, index) => {
      complement(samples, percussive[index], step, both.harmonic[index], both.percussive[index]);
    });
    yield both;
  }
}

/** @param {Blocks} blocks */
async function* single(blocks) {
  for await (const block of blocks) {
    yield block.map((channel) =>
      channel instanceof Float32Array ? channel : Float32Array.from(channel),
    );
  }
}
