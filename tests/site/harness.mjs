// Runs one function of a test over the engine's modules: node harness.mjs FOLDER ENGINE.
// Arrays come and go as files of their samples; see conftest.py.

import { openAsBlob, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, engine] = process.argv.slice(2);
const types = { float32: Float32Array, float64: Float64Array, uint8: Uint8Array };

// An array [shape=(channels, samples)] in blocks of so many samples.
export function* blocks(array, length) {
  const samples = array[0].length;
  for (let at = 0; at < samples; at += length) {
    yield array.map((channel) => channel.subarray(at, at + length));
  }
}

// What a stream of blocks holds, channels in a row.
export async function gathered(stream) {
  const found = [];
  for await (const block of stream) found.push(block.map((channel) => channel.slice()));
  if (!found.length) return new Float32Array(0);
  const length = found.reduce((sum, block) => sum + block[0].length, 0);
  const whole = new found[0][0].constructor(length * found[0].length);
  let at = 0;
  for (const block of found) {
    block.forEach((channel, index) => whole.set(channel, index * length + at));
    at += block[0].length;
  }
  return whole;
}

const read = ({ name, type, shape }) => {
  const bytes = readFileSync(`${folder}/${name}`);
  const all = new types[type](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  if (shape.length < 2) return all;
  const length = all.length / shape[0];
  return Array.from({ length: shape[0] }, (_, row) => all.slice(row * length, (row + 1) * length));
};

const given = JSON.parse(readFileSync(`${folder}/given.json`));
for (const [name, about] of Object.entries(given.arrays)) given.values[name] = read(about);
for (const [name, path] of Object.entries(given.files)) given.values[name] = await openAsBlob(path);
const { default: work } = await import(pathToFileURL(`${folder}/work.mjs`));
const load = (name) => import(pathToFileURL(`${engine}/${name}.js`));
const answer = await work(given.values, { load, blocks, gathered });
const told = { arrays: {}, values: {} };
for (const [name, value] of Object.entries(answer)) {
  const type = Object.keys(types).find((type) => value instanceof types[type]);
  if (type) {
    writeFileSync(`${folder}/${name}.answer`, value);
    told.arrays[name] = type;
  } else {
    told.values[name] = value;
  }
}
writeFileSync(`${folder}/answer.json`, JSON.stringify(told));
