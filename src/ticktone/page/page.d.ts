// Types that the JavaScript of the page shares; only the type checker reads this file.

/** The elements of index.html that are more than an HTMLElement, by id. */
interface PageElements {
  "again-method": HTMLSelectElement;
  extent: HTMLSelectElement;
  file: HTMLInputElement;
  format: HTMLSelectElement;
  from: HTMLInputElement;
  keys: HTMLInputElement;
  lower: HTMLButtonElement;
  master: HTMLInputElement;
  method: HTMLSelectElement;
  more: HTMLDetailsElement;
  part: HTMLTemplateElement;
  play: HTMLButtonElement;
  progress: HTMLProgressElement;
  remix: HTMLButtonElement;
  scale: HTMLCanvasElement;
  scroll: HTMLInputElement;
  song: HTMLTemplateElement;
  snap: HTMLInputElement;
  spectrograms: HTMLInputElement;
  speed: HTMLSelectElement;
  "split-progress": HTMLProgressElement;
  stems: HTMLButtonElement;
  until: HTMLInputElement;
  waveform: HTMLCanvasElement;
}

type Find = <Id extends string>(
  id: Id,
) => Id extends keyof PageElements ? PageElements[Id] : HTMLElement;

type PartName = "harmonic" | "percussive" | "residual";

/** A stretch of a song, in seconds. */
interface Span {
  start: number;
  end: number;
}

/** Its bins are rows by octaves if it tells the lowest frequency (Hz), else evenly spaced. */
interface SpectrogramSize {
  bins: number;
  lowest?: number;
  columns: number;
  seconds: number;
}

interface Part {
  name: PartName;
  file: string;
  limited: number;
  peak: number;
}

interface Result {
  sample_rate: number;
  channels: number;
  samples: number;
  elapsed: number;
  remix: string;
  parts: Part[];
  spectrogram: SpectrogramSize;
}

/** What a song is, known once a first piece of it can be heard. */
interface Sound {
  sample_rate: number;
  channels: number;
  samples: number | null;
  parts: PartName[];
}

/** What is split of a song, in seconds; to its end if no end is given. */
interface Excerpt {
  start: number;
  end: number | null;
}

/** What the server knows of a song. */
interface Song {
  id: string;
  name: string;
  method: string;
  state: "waiting" | "working" | "done" | "failed" | "deleted";
  ahead: number;
  seconds: number;
  duration: number | null;
  left: number | null;
  expires: number;
  error: string;
  excerpt?: Excerpt | null;
  sound?: Sound | null;
  result: Result | null;
}

// A method by what it is for.
interface Purpose {
  name: string;
  method: string;
  line: string;
}

interface KnownMethod {
  name: string;
  paper: string;
  parts: string[];
  speed: number | null;
}

/** What the server tells of itself. */
interface Told {
  limits: Limits;
  methods: KnownMethod[];
  default: string;
  purposes: Purpose[];
  offers?: string[];
}

interface Limits {
  keep: number;
  upload: number;
  duration: number;
}

/** An error whose message is for people; with the status of the server's answer, if there was one. */
interface Failure extends Error {
  status?: number;
}

/** A song on its way to the server. */
interface Item {
  key: string;
  file: File;
  method: string;
  excerpt: Excerpt | null;
  alone: boolean;
  error: Failure | null;
  waits: boolean;
}

/** A part's row in the mixer. */
interface MixerRow {
  name: PartName;
  title: string;
  row: HTMLElement;
  fader: HTMLInputElement;
  output: HTMLElement;
  download: HTMLButtonElement;
  note: HTMLElement;
  picture: HTMLElement;
  meter: HTMLElement;
  level: number;
  mute: boolean;
  solo: boolean;
}

type Levels = Record<string, number>;

/** What a mix is downloaded as: format, bitrate, start and end. */
interface How {
  format: string;
  bitrate?: string;
  start?: number;
  end?: number;
  speed?: number;
}

/** A file that was made for a download. */
interface Made {
  content: Blob;
  limited: number;
  peak: number;
}

type Switch = "mute" | "solo";

/** A row in the list of songs. */
interface Row {
  key: string;
  name: string;
  words: string;
  address?: string;
  state?: string;
  remove: () => void;
}

/** What the shortcuts do. */
interface Actions {
  enabled(): boolean;
  play(): void;
  move(seconds: number): void;
  loop(): void;
  escape(): void;
  zoom(times: number): void;
  original(): void;
  loopStart(): void;
  loopEnd(): void;
  toggle(index: number, kind: Switch): void;
}
