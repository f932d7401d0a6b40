// Numbers as musicians write them.
// @ts-check

export const OFF = -40; // dB at which a fader is shut

/** @param {number} seconds */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// A moment to the tenth of a second, or finer.
/**
 * @param {number} seconds
 * @param {number} [digits]
 */
export function tenths(seconds, digits = 1) {
  const unit = 10 ** digits;
  const whole = Math.floor(seconds * unit + 1e-6);
  const minutes = Math.floor(whole / (60 * unit));
  const rest = ((whole % (60 * unit)) / unit).toFixed(digits);
  return `${minutes}:${rest.padStart(digits + 3, "0")}`;
}

/** @param {number} level */
export function decibels(level) {
  if (level <= OFF) return "off";
  const sign = level < 0 ? "−" : level > 0 ? "+" : "";
  return `${sign}${Math.abs(level)} dB`;
}

/** @param {number} level */
export function gain(level) {
  return level <= OFF ? 0 : 10 ** (level / 20);
}

// The parts as musicians call them; the field's own words are the parts' names.
const PARTS = { harmonic: "Everything else", percussive: "Drums", residual: "In between" };

/** @param {PartName} name */
export function partName(name) {
  return PARTS[name] ?? name;
}

/** @param {number} count */
export function songs(count) {
  return count === 1 ? "1 song" : `${count} songs`;
}

/** @param {number} count */
export function channels(count) {
  return { 1: "mono", 2: "stereo" }[count] ?? `${count} channels`;
}

// How long something is kept, to the minute.
/** @param {number} seconds */
export function lifetime(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "minute at most";
  return minutes === 1 ? "minute" : `${minutes} minutes`;
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${Math.round(bytes / 1e6).toLocaleString("en")} MB`;
}

// What is told of a song beneath its name.
/**
 * @param {Song} song
 * @param {Limits | null} limits
 */
export function factsOf({ method, excerpt, sound, result }, limits) {
  const known = result ?? sound;
  if (!known) return `method ${method}`;
  const { sample_rate, channels: count, samples } = known;
  const length = (samples ?? 0) / sample_rate;
  return (
    `${excerpt ? `${spanOf(excerpt)} of the song; ` : ""}${clock(length)}, ${channels(count)}, ` +
    `${sample_rate / 1000} kHz; method ${method}` +
    (limits && result ? `; kept for ${lifetime(limits.keep)} after this page is closed` : "")
  );
}

/** @param {Excerpt} excerpt */
export function spanOf({ start, end }) {
  return end === null ? `from ${clock(start)} on` : `${clock(start)} to ${clock(end)}`;
}

// How far a song is.
/** @param {Song} song */
export function progressOf({ state, ahead, seconds, duration, left }) {
  if (state === "waiting") {
    return `Waiting in the queue: ${ahead ? `${songs(ahead)} before this one` : "this song is next"}…`;
  }
  if (!seconds) return "Beginning…";
  if (!duration) return `Splitting… ${clock(seconds)} so far`;
  const percent = Math.floor((100 * seconds) / duration);
  const rest = left === null ? "" : `, about ${clock(Math.ceil(left))} left`;
  return `Splitting… ${clock(seconds)} of ${clock(duration)}, ${percent} %${rest}`;
}
