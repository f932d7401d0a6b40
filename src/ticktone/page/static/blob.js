// Files on this computer, read a piece at a time into memory that is used again: what a song leaves
// behind would come to hundreds of megabytes before a browser collects it.
// @ts-check

// The bytes of a blob in pieces of a size, the last of which may be shorter. Each holds until the
// next one is asked for.
/**
 * @param {Blob} blob
 * @param {number} size
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>, void>}
 */
export async function* piecesOf(blob, size) {
  const reader = readerOf(blob);
  let memory = new ArrayBuffer(Math.min(size, blob.size));
  try {
    for (let at = 0; at < blob.size; at += size) {
      const length = Math.min(size, blob.size - at);
      if (reader) memory = await fill(memory, length, reader);
      else memory = await blob.slice(at, at + length).arrayBuffer();
      yield new Uint8Array(memory, 0, length);
    }
  } finally {
    reader?.cancel().catch(() => {}); // it may have failed already
  }
}

// Null in browsers that cannot read into memory of ours.
/** @param {Blob} blob */
function readerOf(blob) {
  try {
    return blob.stream().getReader({ mode: "byob" });
  } catch {
    return null;
  }
}

// Reads so many bytes into memory, which moves from one buffer to another as it is read into.
/**
 * @param {ArrayBuffer} memory
 * @param {number} length
 * @param {ReadableStreamBYOBReader} reader
 */
async function fill(memory, length, reader) {
  for (let at = 0; at < length; ) {
    const { done, value } = await reader.read(new Uint8Array(memory, at, length - at));
    if (done || !value) throw new Error("The samples broke off; try again.");
    memory = value.buffer;
    at += value.length;
  }
  return memory;
}
