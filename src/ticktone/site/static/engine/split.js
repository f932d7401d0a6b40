// One song from its file to the files of its parts, and what the page shows of them.
// @ts-check

import { Spectrograms } from "./pictures.js";
import { openRecording } from "./recording.js";
import { separate } from "./separate.js";
import { WavWriter } from "./wav_writer.js";

const EXACT = { bits: 32, isFloat: true }; // as parts are kept for the mix
const DENSEST = 2 * 96_000; // samples to a second of the longest recording, all channels together
export const PARTS = /** @type {("harmonic" | "percussive")[]} */ (["harmonic", "percussive"]);

/**
 * @param {SplitOrder} order
 * @returns {Promise<Omit<Result, "elapsed">>}
 */
export async function split({ id, name, file, store, decode, model, networks, longest, report }) {
  const recording = await openRecording(file, decode);
  const { sampleRate, channels, frames, step } = recording;
  const duration = frames === null ? null : frames / sampleRate;
  /** @param {number} samples */
  const refuseLonger = (samples) => {
    const most = Math.min(longest, (longest * DENSEST) / (channels * sampleRate));
    if (samples / sampleRate <= most) return;
    throw new Error(`is longer than the ${Math.floor(most / 60)} minutes that this page takes`);
  };
  refuseLonger(frames ?? 0);
  const pictures = new Spectrograms(sampleRate);
  const files = await openFiles(store, id, recording);
  let samples = 0;
  try {
    for await (const parts of separate(recording.blocks(), sampleRate, model, networks, step)) {
      for (const part of PARTS) files.writers[part].forEach((writer) => writer.put(parts[part]));
      pictures.put(parts);
      samples += parts.harmonic[0].length;
      refuseLonger(samples);
      await report(samples / sampleRate, duration);
    }
  } finally {
    files.close();
  }
  if (!samples) throw new Error("holds 0 samples");
  const { levels, size } = pictures.finish();
  for (const [picture, bytes] of Object.entries(levels)) {
    await store.put(id, `${picture}.spectrogram`, new Blob([bytes]));
  }
  return {
    ...{ sample_rate: sampleRate, channels, samples, spectrogram: size, format: formatOf(recording) },
    remix: fileName(name, "remix"),
    parts: PARTS.map((part) => {
      const [, { overs, peak }] = files.writers[part];
      return { name: part, file: fileName(name, part), limited: overs, peak };
    }),
  };
}

/**
 * @param {Recording} recording
 * @returns {Format}
 */
function formatOf({ channels, sampleRate, bits, isFloat, mask }) {
  return { channels, sampleRate, bits, isFloat, mask };
}

/**
 * @param {string} name
 * @param {string} part
 */
function fileName(name, part) {
  return `${name.replace(/\.[^.]*$/, "")}.${part}.wav`;
}

// Two files for each part: its samples as they are, and as they are in the file to download.
/**
 * @param {Store} store
 * @param {string} id
 * @param {Recording} recording
 */
async function openFiles(store, id, recording) {
  /** @type {{close(): void}[]} */
  const files = [];
  /** @type {Record<string, WavWriter[]>} */
  const writers = {};
  for (const part of PARTS) {
    writers[part] = [];
    for (const [kind, format] of Object.entries({ exact: EXACT, coded: {} })) {
      const file = await store.create(id, `${part}.${kind}`);
      files.push(file);
      writers[part].push(new WavWriter({ ...formatOf(recording), ...format }, file.write));
    }
  }
  return { writers, close: () => files.forEach((file) => file.close()) };
}
