// The server's HTTP interface. Every failure is an Error whose message is one line for people.
// @ts-check

const PAUSE = 500; // milliseconds before something is asked for again
const GONE = "The server does not answer; start “ticktone serve” again.";

/**
 * @param {string} address
 * @param {RequestInit} [options]
 */
async function ask(address, options) {
  let answer;
  try {
    answer = await fetch(address, options);
  } catch (error) {
    if (/** @type {Error} */ (error).name === "AbortError") throw error;
    throw new Error(GONE, { cause: error });
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  const failure = new Error(told.error ?? `The server answers ${answer.status}.`);
  throw Object.assign(failure, { status: answer.status });
}

/** @returns {Promise<Told>} */
export async function server() {
  return (await ask("api")).json();
}

/**
 * @param {File} file
 * @param {string} method
 * @param {AbortSignal} signal
 * @param {Excerpt | null} [excerpt]
 * @returns {Promise<Song>}
 */
export async function upload(file, method, signal, excerpt) {
  const query = new URLSearchParams({ name: file.name, method, ...written(excerpt) });
  const headers = { "content-type": "application/octet-stream" };
  const answer = await ask(`api/songs?${query}`, { method: "POST", body: file, headers, signal });
  return answer.json();
}

/**
 * @param {string} id
 * @returns {Promise<Song>}
 */
export async function song(id) {
  return (await ask(`api/songs/${encodeURIComponent(id)}`)).json();
}

// What is known of several songs; those that are gone are left out.
/**
 * @param {string[]} ids
 * @returns {Promise<Song[]>}
 */
export async function songs(ids) {
  return (await (await ask(`api/songs?ids=${ids.join(",")}`)).json()).songs;
}

/**
 * @param {Excerpt | null | undefined} excerpt
 * @returns {Record<string, string>}
 */
function written(excerpt) {
  const given = Object.entries(excerpt ?? {}).filter(([, seconds]) => seconds !== null);
  return Object.fromEntries(given.map(([name, seconds]) => [name, String(seconds)]));
}

// A song to try the page with.
export async function demo() {
  return new File([await (await ask("demo.ogg")).blob()], "demo.ogg");
}

/** @param {string[]} ids */
export function zipAddress(ids) {
  return `api/zip?ids=${ids.join(",")}`;
}

// Has the recording of a song split by another method, or another excerpt of it.
/**
 * @param {string} id
 * @param {string} method
 * @param {Excerpt | null} [excerpt]
 * @returns {Promise<Song>}
 */
export async function again(id, method, excerpt) {
  const query = new URLSearchParams({ method, ...written(excerpt) });
  return (await ask(`api/songs/${id}/again?${query}`, { method: "POST" })).json();
}

// Calls `hear` with what is known of a song, again and again until it ends.
/**
 * @param {string} id
 * @param {(song: Song) => void} hear
 * @param {(error: Failure) => void} fail
 */
export function follow(id, hear, fail) {
  /** @type {EventSource} */
  let events;
  let stopped = false;
  const begin = () => {
    events = new EventSource(`api/songs/${id}/events`);
    events.onmessage = ({ data }) => {
      const song = JSON.parse(data);
      if (["done", "failed", "deleted"].includes(song.state)) events.close();
      hear(song);
    };
    events.onerror = async () => {
      events.close();
      try {
        await song(id); // which tells whether the server is gone, or only the song
        if (!stopped) setTimeout(() => stopped || begin(), PAUSE);
      } catch (error) {
        if (!stopped) fail(/** @type {Failure} */ (error));
      }
    };
  };
  begin();
  return () => {
    stopped = true;
    events.close();
  };
}

// Tells the server that a song is still of use.
/** @param {string} id */
export function touch(id) {
  fetch(`api/songs/${id}`).catch(() => {});
}

/** @param {string} id */
export function forget(id) {
  // It may be too late for an answer: the page may be closing.
  fetch(`api/songs/${id}`, { method: "DELETE", keepalive: true }).catch(() => {});
}

/**
 * @param {string} id
 * @param {string} part
 */
export function partAddress(id, part) {
  return `api/songs/${id}/parts/${part}`;
}

// 32-bit floats, channels interleaved, from the part's first sample to its last: a stream, or a file
// where they are on this computer. What is not there yet is asked for until it is.
/**
 * @param {string} id
 * @param {string} part
 * @param {number} [speed]
 * @returns {Promise<ReadableStream<Uint8Array> | Blob>}
 */
export async function samples(id, part, speed = 1) {
  let offset = 0; // bytes
  const next = () => ask(`${partAddress(id, part)}/samples?${inQuery({ offset, speed })}`);
  /** @param {Response} answer */
  const readerOf = ({ body }) => /** @type {ReadableStream<Uint8Array>} */ (body).getReader();
  let answer = await next();
  let reader = readerOf(answer);
  let stopped = false;
  return new ReadableStream({
    async pull(controller) {
      for (;;) {
        const { done, value } = await reader.read();
        if (value) {
          offset += value.length;
          controller.enqueue(value);
          return;
        }
        if (!done) continue;
        if (stopped || answer.headers.get("ticktone-whole") === "yes") break;
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
        if (stopped) break;
        answer = await next();
        reader = readerOf(answer);
      }
      if (!stopped) controller.close();
    },
    cancel() {
      stopped = true;
      reader.cancel().catch(() => {});
    },
  });
}

// A part in another format, of another length or at another speed.
/**
 * @param {string} id
 * @param {string} part
 * @param {How} how
 */
export async function part(id, part, how) {
  return made(await ask(`${partAddress(id, part)}?${inQuery(how)}`));
}

// Recording and parts as one stem file.
/** @param {string} id */
export async function stems(id) {
  return made(await ask(`api/songs/${id}/stems`));
}

/**
 * @param {string} id
 * @param {string} name
 */
export async function spectrogram(id, name) {
  const answer = await ask(`api/songs/${id}/spectrograms/${name}`);
  return new Uint8Array(await answer.arrayBuffer());
}

// Levels in dB by part, -Infinity for none; how: format, bitrate, start and end, speed, if any.
/**
 * @param {string} id
 * @param {Levels} levels
 * @param {How} how
 */
export async function remix(id, levels, how) {
  const query = inQuery(how);
  for (const [part, level] of Object.entries(levels)) {
    query.set(part, level === -Infinity ? "-inf" : String(level));
  }
  return made(await ask(`api/songs/${id}/remix?${query}`));
}

/** @param {object} values */
function inQuery(values) {
  return new URLSearchParams(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

/**
 * @param {Response} answer
 * @returns {Promise<Made>}
 */
async function made(answer) {
  return {
    content: await answer.blob(),
    limited: Number(answer.headers.get("ticktone-limited")),
    peak: Number(answer.headers.get("ticktone-peak")),
  };
}
