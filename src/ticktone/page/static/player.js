// Plays the parts of a song together, to the sample.

const SOON = 0.04; // seconds: long enough to fade out what plays, too short to be felt
const FADE = 0.006; // seconds, a time constant
const PEAKS = 1600; // to a song

export class Player extends EventTarget {
  constructor({ sample_rate, channels, samples, parts }) {
    super();
    this.duration = samples / sample_rate;
    this.playing = false;
    this.loop = null; // or {start, end} in seconds
    this.selection = null; // the same, whether it is on or not
    this._place = 0; // seconds, where it was at...
    this._began = 0; // ...this time of the context's
    this._sources = [];
    this.context = contextAt(sample_rate);
    this._output = new GainNode(this.context);
    this._output.connect(this.context.destination);
    this.parts = new Map();
    for (const { name } of parts) {
      const level = new GainNode(this.context);
      level.connect(this._output);
      const buffer = this.context.createBuffer(channels, samples, sample_rate);
      this.parts.set(name, { level, buffer, peaks: new Float32Array(PEAKS) });
    }
  }

  // Takes in a part's samples: a stream of 32-bit floats, channels interleaved.
  async fill(name, stream) {
    const { buffer, peaks } = this.parts.get(name);
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
        const place = Math.floor((at * PEAKS) / buffer.length);
        for (let channel = 0; channel < count; channel++, index++) {
          channels[channel][at] = values[index];
          const size = Math.abs(values[index]);
          if (size > peaks[place]) peaks[place] = size;
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

  setGain(name, gain) {
    this.parts.get(name).level.gain.setTargetAtTime(gain, this.context.currentTime, FADE);
  }

  // Chooses what to loop, and whether to.
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

// At the song's own rate nothing is resampled between the parts and the loudspeaker's driver.
function contextAt(sampleRate) {
  try {
    return new AudioContext({ sampleRate });
  } catch {
    return new AudioContext();
  }
}
