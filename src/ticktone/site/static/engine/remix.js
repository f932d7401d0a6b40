// The parts of a song that is split, at other levels, as one WAV file.
// @ts-check

import { PARTS } from "./split.js";
import { WavWriter } from "./wav_writer.js";

const FADE = 0.005; // seconds, of an excerpt's ends: too short to be heard as one
const FRAMES = 2 ** 16; // samples of each channel at a time

/**
 * @param {Store} store
 * @param {string} id
 * @param {Result} result
 * @param {Levels} levels
 * @param {{start?: number, end?: number}} excerpt
 */
export async function remix(store, id, { format, samples }, levels, excerpt) {
  const { channels, sampleRate } = format;
  const isExcerpt = excerpt.end !== undefined;
  const first = isExcerpt ? Math.round(Math.max(0, excerpt.start) * sampleRate) : 0;
  const last = isExcerpt ? Math.min(samples, Math.round(excerpt.end * sampleRate)) : samples;
  if (first >= last) throw new Error("Nothing of the song lies between this start and this end.");
  const fade = Math.max(1, Math.min(Math.round(FADE * sampleRate), Math.floor((last - first) / 2)));
  /** @param {number} at */
  const ramp = (at) => (isExcerpt ? Math.min(1, Math.min(at - first, last - 1 - at) / fade) : 1);
  const files = await Promise.all(PARTS.map((part) => store.file(id, `${part}.exact`)));
  const gains = PARTS.map((part) => 10 ** (levels[part] / 20));
  /** @type {Blob[]} */
  const pieces = [];
  const writer = new WavWriter(format, (bytes) => {
    pieces.push(new Blob([/** @type {BlobPart} */ (bytes)]));
  });
  for (let at = first; at < last; at += FRAMES) {
    const count = Math.min(FRAMES, last - at);
    const [from, to] = [at, at + count].map((frame) => frame * channels * 4);
    const parts = await Promise.all(
      files.map(async (file) => new Float32Array(await file.slice(from, to).arrayBuffer())),
    );
    const block = Array.from({ length: channels }, (_, channel) =>
      Float32Array.from({ length: count }, (_, n) => {
        const index = n * channels + channel;
        return ramp(at + n) * parts.reduce((sum, part, k) => sum + gains[k] * part[index], 0);
      }),
    );
    writer.put(block);
  }
  writer.end(last - first);
  const content = new Blob([writer.header(last - first), ...pieces], { type: "audio/wav" });
  return { content, limited: writer.overs, peak: writer.peak };
}
