// Everything that takes time, apart from the page: it is asked by messages and answers by messages.
// @ts-check

import { Songs } from "./songs.js";
import { openStore } from "./store.js";

/** @type {Map<number, {resolve: (file: Blob) => void, reject: (error: Error) => void}>} */
const decoding = new Map();
let asked = 0;

// Only the page can have a file decoded by the browser.
/**
 * @param {Blob} file
 * @returns {Promise<Blob>}
 */
function decode(file) {
  return new Promise((resolve, reject) => {
    decoding.set(++asked, { resolve, reject });
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
    else resolve(data.decoded);
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
