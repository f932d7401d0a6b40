// Types that the JavaScript of the site shares; only the type checker reads this file.

type Samples = Float32Array | Float64Array;

/** An array of samples for each channel, in blocks of any lengths. */
type Blocks = AsyncIterable<Samples[]> | Iterable<Samples[]>;

type Bins = import("./static/engine/stft.js").Bins;

/** A frame's bins by channel. */
type Frame = Bins[];

/** A frame's masks by part (0 harmonic, 1 percussive) and channel. */
type Masks = Float32Array[][];

interface Masked {
  bins: Bins;
  mask: Float32Array;
}

interface STFTSettings {
  window_length: number;
  hop_length: number;
  fft_length: number;
  window: string;
}

/** Divides frames; all counts are frames. */
interface Stage {
  stft: import("./static/engine/stft.js").STFT;
  block: number;
  context: number;
  lookAhead: number;
  divide(frames: Frame[], first: number, count: number): Promise<Masks[]>;
}

interface RefinementSettings {
  stft: STFTSettings;
  decimation: number;
  frames: number;
  bins: number;
  low: number;
  power: number;
}

/** What a model's card says, as ticktone.site.settings writes it. */
interface ModelSettings {
  name: string;
  paper: string;
  file: string;
  sample_rate: number;
  stft: STFTSettings;
  patch: number;
  margin: number;
  ahead: number;
  latency: number;
  normalisation: string;
  refinement: RefinementSettings | null;
}
