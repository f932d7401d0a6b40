// Types that the JavaScript of the site shares; only the type checker reads this file.

type Samples = Float32Array | Float64Array;

/**
 * An array of samples for each channel, in blocks of any lengths. A block holds until the next is
 * asked for.
 */
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

/** Frames of a patch and of its margins; what lengths of a view are multiples of, 0: all alike. */
interface PatchSettings {
  patch: number;
  margin: number;
  ahead: number;
  multiple: number;
}

interface RefinementSettings extends PatchSettings {
  file: string;
  stft: STFTSettings;
  decimation: number;
  frames: number;
  bins: number;
  low: number;
  one_mask: boolean | null;
  alike: number;
  silent: number;
}

/** What a model's card says, as ticktone.site.settings writes it. */
interface ModelSettings extends PatchSettings {
  name: string;
  paper: string;
  file: string;
  sample_rate: number;
  stft: STFTSettings;
  one_mask: boolean | null;
  alike: number;
  silent: number;
  latency: number;
  normalisation: string;
  refinement: RefinementSettings | null;
}

/** What the samples of a file are; `mask` says where loudspeakers stand, if the file does. */
interface Format {
  channels: number;
  sampleRate: number;
  bits: number;
  isFloat: boolean;
  mask: number | null;
}

/** An open sound file; how many samples each channel has is null if it does not tell. */
interface Recording extends Format {
  frames: number | null;
  blocks(): AsyncIterable<Samples[]>;
}

interface FlacInfo {
  longest: number;
  sampleRate: number;
  channels: number;
  bits: number;
  total: number;
}

/**
 * Runs a network: masks of [1, 2, bins, frames], which may lack frames on either side. They hold
 * until it is run again.
 */
type RunNetwork = (
  input: Float32Array,
  shape: number[],
) => Promise<{ data: Float32Array; frames: number }>;

interface Networks {
  first: RunNetwork;
  /** Of the refinement, where the model has one. */
  lowEnd: RunNetwork | null;
}

interface Store {
  /** Whether what it keeps outlives the page. */
  lasts: boolean;
  create(id: string, name: string): Promise<{ write(bytes: Uint8Array): void; close(): void }>;
  put(id: string, name: string, content: Blob): Promise<void>;
  file(id: string, name: string): Promise<Blob | null>;
  list(): Promise<string[]>;
  remove(id: string): Promise<void>;
}

interface SplitOrder {
  id: string;
  name: string;
  file: Blob;
  store: Store;
  decode(file: Blob): Promise<Blob>;
  model: ModelSettings;
  networks: Networks;
  longest: number;
  report(seconds: number, duration: number | null): Promise<void>;
}

interface Result {
  format: Format;
}

interface SiteSettings {
  limits: Limits;
  purposes: Purpose[];
  models: ModelSettings[];
}

/** A song as it is noted beside its files; `touched` and `began` are times, in milliseconds. */
interface Kept extends Omit<Song, "left" | "expires"> {
  touched: number;
  began: number;
  release?: () => void;
}

/** Of workers only; TypeScript's types for pages do not know it. */
interface FileSystemFileHandle {
  createSyncAccessHandle(): Promise<{
    write(bytes: Uint8Array, where: { at: number }): number;
    truncate(size: number): void;
    close(): void;
  }>;
}

/** The engine stands in for the server: its functions have the types of those that ask one. */
type Fitting<T extends typeof import("../page/static/api.js")> = T;
type Engine = Fitting<typeof import("./static/local.js")>;
