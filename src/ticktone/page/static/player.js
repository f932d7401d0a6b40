// Plays the parts of a song together, to the sample.
// @ts-check

const SOON = 0.04; // seconds: long enough to fade out what plays, too short to be felt
const FADE = 0.006; // seconds, a time constant
const BLOCK = 256; // samples to a peak that is kept

export class Player extends EventTarget {
  /** @param {Result} result */
  constructor({ sample_rate, channels, samples, parts }) {
    super();
    this.duration = samples / sample_rate;
    this.playing = false;
    /** @type {Span | null} */
    this.loop = null; // or {start, end} in seconds
    /** @type {Span | null} */
    this.selection = null; // the same, whether it is on or not
    this._place = 0; // seconds, where it was at...
    this._began = 0; // ...this time of the context's
    /** @type {AudioBufferSourceNode[]} */
    this._sources = [];
    this.context = contextAt(sample_rate);
    this._output = new GainNode(this.context);
    this._master = new GainNode(this.context);
    this._output.connect(this._master).connect(this.context.destination);
    this._meter = meterOf(this._master);
    /** @type {Map<string, PlayedPart>} */
    this.parts = new Map();
    for (const { name } of parts) {
      const level = new GainNode(this.context);
      level.connect(this._output);
      const buffer = this.context.createBuffer(channels, samples, sample_rate);
      this.parts.set(name, new PlayedPart(level, buffer));
    }
  }

  // Takes in a part's samples: a stream of 32-bit floats, channels interleaved.
  /**
   * @param {string} name
   * @param {ReadableStream<Uint8Array>} stream
   */
  async fill(name, stream) {
    const part = this.parts.get(name);
    const { buffer, peaks } = part;
    const count = buffer.numberOfChannels;
    const channels = Array.from({ length: count }, (_, channel) => buffer.getChannelData(channel));
    const reader = stream.getReader();
    let rest = new Uint8Array(0);
    let at = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const bytes = new Uint8Array(rest.length + value.length);
      bytes.set(rest);
      bytes.set(value, rest.length);
      const frames = Math.min(Math.floor(bytes.length / (4 * count)), buffer.length - at);
      const values = new Float32Array(bytes.buffer, 0, frames * count);
      for (let frame = 0, index = 0; frame < frames; frame++, at++) {
        const place = Math.floor(at / BLOCK);
        for (let channel = 0; channel < count; channel++, index++) {
          channels[channel][at] = values[index];
          const size = Math.abs(values[index]);
          if (size > peaks[place]) peaks[place] = size;
          if (size > part.loudest) part.loudest = size;
        }
      }
      rest = bytes.subarray(frames * count * 4);
    }
    if (at < buffer.length) throw new Error("The samples broke off; try again.");
  }

  get position() {
    if (!this.playing) return this._place;
    const place = this._place + Math.max(0, this.context.currentTime - this._began);
    if (this.loop && place > this.loop.end) {
      const { start, end } = this.loop;
      return start + ((place - start) % (end - start));
    }
    return Math.min(place, this.duration);
  }

  async play() {
    if (this.playing) return;
    await this.context.resume();
    if (this.playing) return; // it was asked for twice
    const place = this._place >= this.duration ? 0 : this._place;
    this.playing = true;
    this._start(place);
    this._changed();
  }

  pause() {
    if (!this.playing) return;
    this._place = this.position;
    this.playing = false;
    this._stop();
    this._changed();
  }

  /** @param {number} seconds */
  seek(seconds) {
    const place = Math.max(0, Math.min(seconds, this.duration));
    if (this.playing) {
      this._stop();
      this._start(place);
    } else {
      this._place = place;
    }
    this._changed();
  }

  /**
   * @param {string} name
   * @param {number} gain
   */
  setGain(name, gain) {
    this.parts.get(name).level.gain.setTargetAtTime(gain, this.context.currentTime, FADE);
  }

  /** @param {number} gain */
  setMaster(gain) {
    this._master.gain.setTargetAtTime(gain, this.context.currentTime, FADE);
  }

  // The largest magnitude that is heard right now, of a part or of all together.
  /** @param {string} [name] */
  peakNow(name) {
    if (!this.playing) return 0;
    const meter = name ? this.parts.get(name).meter : this._meter;
    meter.node.getFloatTimeDomainData(meter.values);
    return meter.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  }

  // The largest magnitude of the whole song with the parts at these gains, by their names.
  /** @param {Levels} gains */
  peak(gains) {
    const heard = [...this.parts].filter(([name]) => gains[name] > 0);
    let most = 0;
    const { numberOfChannels, length } = this.parts.values().next().value.buffer;
    for (let channel = 0; channel < numberOfChannels; channel++) {
      /** @type {[Float32Array, number][]} */
      const signals = heard.map(([name, part]) => [part.buffer.getChannelData(channel), gains[name]]);
      for (let at = 0; at < length; at++) {
        let sum = 0;
        for (const [values, gain] of signals) sum += gain * values[at];
        if (sum > most) most = sum;
        else if (-sum > most) most = -sum;
      }
    }
    return most;
  }

  // The mean power of the song with the parts at these gains, from every 16th sample.
  /** @param {Levels} gains */
  power(gains) {
    let sum = 0;
    const parts = [...this.parts];
    const { numberOfChannels, length } = parts[0][1].buffer;
    for (let channel = 0; channel < numberOfChannels; channel++) {
      /** @type {[Float32Array, number][]} */
      const signals = parts.map(([name, part]) => [part.buffer.getChannelData(channel), gains[name]]);
      for (let at = 0; at < length; at += 16) {
        let value = 0;
        for (const [values, gain] of signals) value += gain * values[at];
        sum += value * value;
      }
    }
    return sum / Math.max(1, (numberOfChannels * length) / 16);
  }

  // Shows what would be looped, without looping it yet.
  /** @param {Span | null} selection */
  preview(selection) {
    this.selection = selection;
    this._changed();
  }

  // Chooses what to loop, and whether to.
  /**
   * @param {Span | null} selection
   * @param {boolean} on
   */
  select(selection, on) {
    const place = this.position;
    this.selection = selection;
    this.loop = on ? (selection ?? { start: 0, end: this.duration }) : null;
    if (this.playing) this.seek(place);
    else this._changed();
  }

  close() {
    this._stop();
    this.playing = false;
    this.context.close();
  }

  /** @param {number} place */
  _start(place) {
    const when = this.context.currentTime + SOON;
    const inside = !this.loop || place < this.loop.end;
    this._place = inside ? place : this.loop.start;
    this._began = when;
    this._sources = Array.from(this.parts.values(), ({ buffer, level }) => {
      const source = new AudioBufferSourceNode(this.context, { buffer });
      if (this.loop) {
        source.loop = true;
        source.loopStart = this.loop.start;
        source.loopEnd = this.loop.end;
      }
      source.connect(level);
      source.start(when, this._place);
      return source;
    });
    this._sources[0].onended = () => this._finish();
    this._output.gain.setTargetAtTime(1, when, FADE);
  }

  _stop() {
    const now = this.context.currentTime;
    this._output.gain.cancelScheduledValues(now);
    this._output.gain.setTargetAtTime(0, now, FADE);
    for (const source of this._sources) {
      source.onended = null;
      source.stop(now + SOON);
    }
    this._sources = [];
  }

  _finish() {
    this._sources = [];
    this._place = this.duration;
    this.playing = false;
    this._changed();
  }

  _changed() {
    this.dispatchEvent(new Event("change"));
  }
}

// A part: its samples, the gain it is heard at, and its peaks for the picture.
export class PlayedPart {
  /**
   * @param {GainNode} level
   * @param {AudioBuffer} buffer
   */
  constructor(level, buffer) {
    this.level = level;
    this.buffer = buffer;
    this.meter = meterOf(level);
    this.peaks = new Float32Array(Math.ceil(buffer.length / BLOCK));
    this.loudest = 0;
  }

  // The largest magnitude among these samples.
  /**
   * @param {number} from
   * @param {number} to
   */
  peakBetween(from, to) {
    let most = 0;
    if (to - from >= BLOCK) {
      const last = Math.min(this.peaks.length, Math.ceil(to / BLOCK));
      for (let at = Math.max(0, Math.floor(from / BLOCK)); at < last; at++) {
        if (this.peaks[at] > most) most = this.peaks[at];
      }
      return most;
    }
    const first = Math.max(0, Math.floor(from));
    const last = Math.min(this.buffer.length, Math.max(first + 1, Math.ceil(to)));
    for (let channel = 0; channel < this.buffer.numberOfChannels; channel++) {
      const values = this.buffer.getChannelData(channel);
      for (let at = first; at < last; at++) most = Math.max(most, Math.abs(values[at]));
    }
    return most;
  }
}

/** @param {AudioNode} source */
function meterOf(source) {
  const node = new AnalyserNode(source.context, { fftSize: 2048 });
  source.connect(node);
  return { node, values: new Float32Array(node.fftSize) };
}

// At the song's own rate nothing is resampled between the parts and the loudspeaker's driver.
/** @param {number} sampleRate */
function contextAt(sampleRate) {
  try {
    return new AudioContext({ sampleRate });
  } catch {
    return new AudioContext();
  }
}
