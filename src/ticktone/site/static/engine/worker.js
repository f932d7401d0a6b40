// Everything that takes time, apart from the page: it is asked by messages and answers by messages.
// @ts-check

import { Songs } from "./songs.js";
import { openStore } from "./store.js";

/**
 * @typedef {{write: (bytes: Uint8Array) => void, resolve: () => void,
 *   reject: (error: Error) => void}} Decoding
 */
/** @type {Map<number, Decoding>} */
const decoding = new Map();
let asked = 0;

// Only the page can have a file decoded by the browser; it comes back as a WAV file, in pieces.
/**
 * @param {Blob} file
 * @param {(bytes: Uint8Array) => void} write
 * @returns {Promise<void>}
 */
function decode(file, write) {
  return new Promise((resolve, reject) => {
    decoding.set(++asked, { write, resolve, reject });
    postMessage({ decode: file, key: asked });
  });
}

const songs = (async () => {
  const settings = await (await fetch(new URL("../models.json", import.meta.url))).json();
  const songs = new Songs(await openStore(), settings, decode);
  await songs.removeOld();
  return songs;
})();

addEventListener("message", async ({ data }) => {
  if (data.decoded) {
    const { resolve, reject } = decoding.get(data.key);
    decoding.delete(data.key);
    if (data.error) reject(new Error(data.error));
    else resolve();
    return;
  }
  if (data.piece) {
    const told = { key: data.key, written: true };
    try {
      decoding.get(data.key).write(data.piece);
      postMessage(told);
    } catch (error) {
      postMessage({ ...told, error: error.message });
    }
    return;
  }
  const { key, name, args } = data;
  try {
    const known = /** @type {any} */ (await songs);
    postMessage({ key, answer: await known[name](...args) });
  } catch (error) {
    postMessage({ key, error: error.message, status: error.status });
  }
});
