// Files on this computer, read a piece at a time.
// @ts-check

// The bytes of a blob in pieces of a size, the last of which may be shorter. Each holds until the
// next one is asked for.
//
// Reading into memory of ours ("byob") would leave nothing to collect, but now and then Chromium never
// answers; and buffers that were given back by transfer(0) stay for longer than those left alone.
/**
 * @param {Blob} blob
 * @param {number} size
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>, void>}
 */
export async function* piecesOf(blob, size) {
  const memory = new Uint8Array(Math.min(size, blob.size));
  const reader = blob.stream().getReader();
  let length = 0; // bytes of the piece that are there
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      for (let at = 0; at < value.length; ) {
        const some = value.subarray(at, at + memory.length - length);
        memory.set(some, length);
        at += some.length;
        length += some.length;
        if (length < memory.length) continue;
        yield memory;
        length = 0;
      }
    }
    if (length) yield memory.subarray(0, length);
  } finally {
    reader.cancel().catch(() => {}); // it may have failed already
  }
}
