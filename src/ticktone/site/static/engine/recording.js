// Any file as a recording: WAV and FLAC exactly, others as the browser decodes them.
// @ts-check

import { openFlac } from "./flac.js";
import { openWav } from "./wav.js";

const [LOWEST, HIGHEST] = [1000, 1_500_000]; // Hz
const MOST = 64; // channels
const LARGEST = 1e6; // of a sample; full scale is 1
const LOSSLESS = { bits: 24, isFloat: false }; // for what has no bit depth of its own, as MP3

/**
 * @param {Blob} file
 * @param {(file: Blob) => Promise<Blob>} decode
 *   Makes a WAV file of any other that the browser plays.
 * @returns {Promise<Recording & {step: number | null}>}
 */
export async function openRecording(file, decode) {
  if (!file.size) throw new Error("is empty (0 bytes)");
  const exact = (await openWav(file)) ?? (await openFlac(file));
  const recording = exact ?? { ...(await openWav(await decode(file))), ...LOSSLESS };
  const { sampleRate, channels, bits, isFloat, frames, blocks } = recording;
  if (!(sampleRate >= LOWEST && sampleRate <= HIGHEST)) {
    throw new Error(`has a sample rate of ${sampleRate} Hz by its header`);
  }
  if (channels < 1 || channels > MOST) throw new Error(`has ${channels} channels; at most ${MOST} go`);
  if (frames === 0) throw new Error("holds 0 samples");
  const step = exact && !isFloat ? 2 ** (1 - bits) : null;
  return { ...recording, step, blocks: () => checked(blocks(), sampleRate) };
}

/**
 * @param {AsyncIterable<Samples[]>} blocks
 * @param {number} sampleRate
 */
async function* checked(blocks, sampleRate) {
  let offset = 0;
  for await (const block of blocks) {
    block.forEach((samples, channel) => {
      const index = samples.findIndex((value) => !(Math.abs(value) <= LARGEST)); // as NaN is not
      if (index < 0) return;
      const moment = ((offset + index) / sampleRate).toFixed(3);
      throw new Error(
        `has a sample of ${samples[index]} in channel ${channel + 1} at ${moment} s; repair it first`,
      );
    });
    offset += block[0].length;
    yield block;
  }
}
