// What the server's interface is on a page with a server, answered by this browser itself: the same
// functions. Every failure is an Error whose message is one line for people.
// @ts-check

import { decodeToWav } from "./engine/encoded.js";

const PAUSE = 200; // milliseconds between two looks at a song

const worker = new Worker(new URL("./engine/worker.js", import.meta.url), { type: "module" });
/** @type {Map<number, {resolve: (answer: any) => void, reject: (error: Failure) => void}>} */
const questions = new Map();
let asked = 0;
/** @type {Map<string, Record<string, string>>} */
const addresses = new Map(); // of the files of the parts of songs that are done

/** @type {Map<number, {resolve: () => void, reject: (error: Error) => void}>} */
const pieces = new Map(); // of decoded files, that the worker has yet to write

worker.addEventListener("message", async ({ data }) => {
  if (data.decode) return decode(data);
  if (data.written) {
    const { resolve, reject } = pieces.get(data.key);
    return data.error ? reject(new Error(data.error)) : resolve();
  }
  const { resolve, reject } = questions.get(data.key);
  questions.delete(data.key);
  if (data.error) reject(Object.assign(new Error(data.error), { status: data.status }));
  else resolve(data.answer);
});
worker.addEventListener("error", (event) => {
  event.preventDefault();
  const failure = new Error(`The engine cannot start: ${event.message ?? "reload the page"}.`);
  for (const { reject } of questions.values()) reject(failure);
  questions.clear();
});

// Decodes a file for the worker, which writes it to the disk piece by piece.
/** @param {{key: number, decode: Blob}} order */
async function decode({ key, decode: file }) {
  try {
    await decodeToWav(file, (piece) => {
      worker.postMessage({ key, piece }, [piece.buffer]);
      return new Promise((resolve, reject) => pieces.set(key, { resolve, reject }));
    });
    worker.postMessage({ key, decoded: true });
  } catch (error) {
    worker.postMessage({ key, decoded: true, error: error.message });
  }
  pieces.delete(key);
}

/**
 * @param {string} name
 * @param {any[]} args
 * @returns {Promise<any>}
 */
function ask(name, ...args) {
  return new Promise((resolve, reject) => {
    questions.set(++asked, { resolve, reject });
    worker.postMessage({ key: asked, name, args });
  });
}

/** @returns {Promise<{limits: Limits, methods: KnownMethod[], default: string,
 *   purposes: Purpose[]}>} */
export async function server() {
  const answer = await fetch("models.json");
  if (!answer.ok) throw new Error("The site is not complete: models.json is missing.");
  const { limits, models, purposes } = await answer.json();
  const methods = models.map((/** @type {ModelSettings} */ { name, paper }) => ({
    ...{ name, paper, parts: ["harmonic", "percussive"] },
    speed: speedOf(name),
  }));
  return { limits, methods, default: models[0].name, purposes };
}

/**
 * @param {File} file
 * @param {string} method
 * @returns {Promise<Song>}
 */
export async function upload(file, method) {
  return ask("add", file, file.name, method);
}

/**
 * @param {string} id
 * @returns {Promise<Song>}
 */
export async function song(id) {
  return noted(await ask("song", id));
}

// What is known of several songs; those that are gone are left out.
/**
 * @param {string[]} ids
 * @returns {Promise<Song[]>}
 */
export async function songs(ids) {
  return ask("songs", ids);
}

// There is no zip here; the page does not offer one.
export function zipAddress() {
  return "";
}

/**
 * @param {string} id
 * @param {string} method
 * @returns {Promise<Song>}
 */
export async function again(id, method) {
  return ask("again", id, method);
}

// Calls `hear` with what is known of a song, again and again until it ends.
/**
 * @param {string} id
 * @param {(song: Song) => void} hear
 * @param {(error: Failure) => void} fail
 */
export function follow(id, hear, fail) {
  let stopped = false;
  const look = async () => {
    try {
      const known = await song(id);
      if (stopped) return;
      hear(known);
      if (!["done", "failed", "deleted"].includes(known.state)) setTimeout(look, PAUSE);
    } catch (error) {
      if (!stopped) fail(error);
    }
  };
  look();
  return () => {
    stopped = true;
  };
}

/** @param {string} id */
export function touch(id) {
  ask("touch", id).catch(() => {});
}

/** @param {string} id */
export function forget(id) {
  for (const address of Object.values(addresses.get(id) ?? {})) URL.revokeObjectURL(address);
  addresses.delete(id);
  ask("forget", id).catch(() => {});
}

/**
 * @param {string} id
 * @param {string} part
 */
export function partAddress(id, part) {
  return addresses.get(id)[part];
}

/**
 * @param {string} id
 * @param {string} part
 */
export async function samples(id, part) {
  return ask("samples", id, part);
}

/**
 * @param {string} id
 * @param {string} name
 */
export async function spectrogram(id, name) {
  return new Uint8Array(await (await ask("spectrogram", id, name)).arrayBuffer());
}

// Levels in dB by part, -Infinity for none; how: start and end, if any.
/**
 * @param {string} id
 * @param {Levels} levels
 * @param {How} how
 */
export async function remix(id, levels, how) {
  return ask("remix", id, levels, how);
}

// Has addresses made for the files of a song that is done, and remembers how long it took.
/** @param {Song} song */
async function noted(song) {
  if (song.state !== "done" || addresses.has(song.id)) return song;
  const files = Object.entries(await ask("files", song.id));
  addresses.set(
    song.id,
    Object.fromEntries(files.map(([part, file]) => [part, URL.createObjectURL(file)])),
  );
  const { samples, sample_rate, elapsed } = song.result;
  remember(song.method, samples / sample_rate / elapsed);
  return song;
}

/** @param {string} method */
function speedOf(method) {
  try {
    return Number(localStorage.getItem(`ticktone.speed.${method}`)) || null;
  } catch {
    return null;
  }
}

/**
 * @param {string} method
 * @param {number} speed
 */
function remember(method, speed) {
  try {
    localStorage.setItem(`ticktone.speed.${method}`, String(speed));
  } catch {
    // it is told next time only if there is storage
  }
}

// A part of another length: the remix without the others.
/**
 * @param {string} id
 * @param {string} part
 * @param {How} how
 */
export async function part(id, part, how) {
  const levels = { harmonic: -Infinity, percussive: -Infinity, [part]: 0 };
  return remix(id, levels, how);
}

// There are no stem files here; the page does not offer them.
/**
 * @param {string} id
 * @returns {Promise<Made>}
 */
export async function stems(id) {
  throw new Error(`There is no stem file of ${id} here.`);
}

// A song to try the page with.
export async function demo() {
  const answer = await fetch("demo.ogg");
  if (!answer.ok) throw new Error("The site is not complete: demo.ogg is missing.");
  return new File([await answer.blob()], "demo.ogg");
}
