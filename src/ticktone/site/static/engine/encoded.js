// What only the browser decodes (MP3, AAC, Ogg and others), as a WAV file of floating point.
// @ts-check

import { WavWriter } from "./wav_writer.js";

const HEAD = 2 ** 20; // bytes in which a file tells its sample rate, at either end
const PIECE = 2 ** 18; // samples of each channel at a time
const USUAL = 44_100; // Hz, where a file does not tell
const MPEG_RATES = [44_100, 48_000, 32_000];
const ADTS_RATES = [96, 88.2, 64, 48, 44.1, 32, 24, 22.05, 16, 12, 11.025, 8, 7.35].map((k) => k * 1000);

// Hands the file over piece by piece; the browser holds all samples only until then.
/**
 * @param {Blob} file
 * @param {(piece: Uint8Array<ArrayBuffer>) => Promise<void>} write
 */
export async function decodeToWav(file, write) {
  const sampleRate = await sampleRateOf(file);
  const context = new OfflineAudioContext(1, 1, sampleRate); // at another it would resample
  let audio;
  try {
    audio = await context.decodeAudioData(await file.arrayBuffer());
  } catch {
    throw new Error("is no sound file that this browser reads; WAV and FLAC always are");
  }
  const { numberOfChannels: channels, length } = audio;
  /** @type {Format} */
  const format = { channels, sampleRate, bits: 32, isFloat: true, mask: null };
  /** @type {Uint8Array<ArrayBuffer>} */
  let piece;
  const writer = new WavWriter(format, (bytes) => {
    piece = new Uint8Array(bytes);
  });
  const signals = Array.from({ length: channels }, (_, channel) => audio.getChannelData(channel));
  await write(new Uint8Array(writer.header(length)));
  for (let at = 0; at < length; at += PIECE) {
    writer.put(signals.map((samples) => samples.subarray(at, at + PIECE)));
    await write(piece);
  }
}

/** @param {Blob} file */
export async function sampleRateOf(file) {
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const tail = new Uint8Array(await file.slice(Math.max(0, file.size - HEAD)).arrayBuffer());
  return ofOgg(head) ?? ofMp4(head) ?? ofMp4(tail) ?? (await ofFrames(file, head)) ?? USUAL;
}

/**
 * @param {Uint8Array} bytes
 * @param {string} letters
 * @param {number} [end]
 */
function find(bytes, letters, end = bytes.length - letters.length) {
  const codes = [...letters].map((letter) => letter.charCodeAt(0));
  for (let at = bytes.indexOf(codes[0]); at >= 0 && at <= end; at = bytes.indexOf(codes[0], at + 1)) {
    if (codes.every((code, index) => bytes[at + index] === code)) return at;
  }
  return -1;
}

// Of Vorbis, Opus (always 48 kHz) and FLAC in Ogg or WebM.
/** @param {Uint8Array} bytes */
function ofOgg(bytes) {
  const vorbis = find(bytes, "\x01vorbis", 4096);
  const view = new DataView(bytes.buffer);
  if (vorbis >= 0) return view.getUint32(vorbis + 12, true);
  if (find(bytes, "OpusHead", 4096) >= 0) return 48_000;
  const flac = find(bytes, "fLaC", 4096);
  return flac >= 0 ? view.getUint32(flac + 18) >>> 12 : null;
}

/** @param {Uint8Array} bytes */
function ofMp4(bytes) {
  const at = ["mp4a", "alac", "fLaC", "Opus"]
    .map((kind) => find(bytes, kind))
    .find((at) => at >= 0 && at + 28 < bytes.length);
  if (at === undefined || find(bytes, "mdhd") < 0) return null;
  return new DataView(bytes.buffer).getUint16(at + 28) || null;
}

// Of MPEG audio and of AAC in ADTS, which begin with a frame, behind tags at most.
/**
 * @param {Blob} file
 * @param {Uint8Array} head
 */
async function ofFrames(file, head) {
  let start = 0;
  while (find(head, "ID3", start + 1) === start || String.fromCharCode(...head.slice(0, 3)) === "ID3") {
    start += 10 + head.slice(6, 10).reduce((size, byte) => size * 128 + (byte & 127), 0);
    head = new Uint8Array(await file.slice(start, start + HEAD).arrayBuffer());
    if (!head.length) return null;
  }
  for (let at = 0; at + 4 < head.length; at++) {
    if (head[at] !== 0xff || (head[at + 1] & 0xe0) !== 0xe0) continue;
    const [version, layer] = [(head[at + 1] >> 3) & 3, (head[at + 1] >> 1) & 3];
    if (layer === 0) return ADTS_RATES[(head[at + 2] >> 2) & 15] ?? null;
    const rate = MPEG_RATES[(head[at + 2] >> 2) & 3];
    if (version === 1 || rate === undefined || head[at + 2] >> 4 === 15) continue;
    return rate / [4, 0, 2, 1][version];
  }
  return null;
}
