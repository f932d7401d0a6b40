// Networks run by ONNX Runtime's WebAssembly.
// @ts-check

const MOST_THREADS = 8; // more gain nothing

/** @type {Promise<any> | null} */
let loading = null;

// Loads the runtime once. Threads need memory that they share, which browsers allow to pages that
// are isolated from other sites.
function runtime() {
  loading ??= (async () => {
    const ort = await import(new URL("../ort/ort.js", import.meta.url).href);
    const threads = crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, MOST_THREADS) : 1;
    ort.env.wasm.numThreads = threads;
    ort.env.logLevel = "error";
    ort.env.wasm.wasmBinary = await inflated(new URL("../ort/ort.wasm.gz", import.meta.url).href);
    return ort;
  })();
  return loading;
}

// The site is small on its way whether the host compresses or not.
/** @param {string} address */
async function inflated(address) {
  const content = await (await fetch(address)).blob();
  const head = new Uint8Array(await content.slice(0, 2).arrayBuffer());
  if (head[0] !== 0x1f || head[1] !== 0x8b) return content.arrayBuffer(); // the browser did it
  const stream = content.stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

// Loads a model, and what refines its low end.
/**
 * @param {ModelSettings} model
 * @returns {Promise<Networks>}
 */
export async function loadNetworks({ file, refinement }) {
  return { first: await load(file), lowEnd: refinement && (await load(refinement.file)) };
}

// Returns what runs a network: it takes its input and its shape, and gives the masks.
/**
 * @param {string} file
 * @returns {Promise<RunNetwork>}
 */
async function load(file) {
  const ort = await runtime();
  const answer = await fetch(new URL(`../models/${file}`, import.meta.url));
  if (!answer.ok) throw new Error("the model is not there; reload the page");
  const session = await ort.InferenceSession.create(new Uint8Array(await answer.arrayBuffer()), {
    executionProviders: ["wasm"],
    enableCpuMemArena: false, // which keeps the most that was ever needed
  });
  ort.env.wasm.wasmBinary = undefined; // 13 MB that it has compiled by now
  return async (input, shape) => {
    const magnitude = new ort.Tensor("float32", input, shape);
    const { masks } = await session.run({ magnitude });
    return { data: masks.data, frames: masks.dims[3] };
  };
}
