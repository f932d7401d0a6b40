// Spectrograms: levels as colours, on a frequency axis by octaves.
// @ts-check

const ROWS = 240;
const LOWEST = 40; // Hz
const TICKS = [100, 1000, 10000]; // Hz
const STOPS = [
  [12, 10, 30],
  [46, 24, 98],
  [122, 36, 124],
  [206, 66, 94],
  [248, 142, 66],
  [254, 238, 186],
];

const COLOURS = Array.from({ length: 256 }, (_, level) => {
  const place = (level / 255) * (STOPS.length - 1);
  const lower = Math.min(Math.floor(place), STOPS.length - 2);
  return STOPS[lower].map((from, i) => from + (place - lower) * (STOPS[lower + 1][i] - from));
});

/**
 * @param {Uint8ClampedArray} pixels
 * @param {number} index
 * @param {number} level
 */
function paint(pixels, index, level) {
  const [red, green, blue] = COLOURS[level];
  pixels.set([red, green, blue, 255], index * 4);
}

// levels: a byte for each bin (from the lowest) and column, bin by bin.
/**
 * @param {Element} place
 * @param {Uint8Array} levels
 * @param {SpectrogramSize} size
 * @param {{duration: number, sampleRate: number}} song
 */
export function drawSpectrogram(place, levels, { bins, columns, seconds, lowest }, song) {
  const width = Math.max(columns, Math.round((columns * song.duration) / seconds));
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = ROWS;
  const context = contextOf(canvas);
  const image = context.createImageData(width, ROWS);
  const highest = song.sampleRate / 2;
  /** @param {number} row */
  const binAt = (row) => {
    const octaves = (ROWS - row) / ROWS; // 0 at the bottom, 1 at the top
    if (lowest) return octaves * bins;
    return ((LOWEST * (highest / LOWEST) ** octaves) / highest) * (bins - 1);
  };
  for (let row = 0; row < ROWS; row++) {
    const first = Math.floor(binAt(row + 1));
    const last = Math.min(bins - 1, Math.max(first, Math.ceil(binAt(row)) - 1));
    for (let column = 0; column < width; column++) {
      let level = 0;
      for (let bin = first; column < columns && bin <= last; bin++) {
        level = Math.max(level, levels[bin * columns + column]);
      }
      paint(image.data, row * width + column, level);
    }
  }
  context.putImageData(image, 0, 0);
  const ticks = TICKS.filter((hertz) => hertz < highest).map((hertz) => {
    const tick = document.createElement("span");
    tick.className = "tick";
    tick.textContent = hertz < 1000 ? `${hertz} Hz` : `${hertz / 1000} kHz`;
    tick.style.top = `${100 - (100 * Math.log(hertz / LOWEST)) / Math.log(highest / LOWEST)}%`;
    return tick;
  });
  place.replaceChildren(canvas, ...ticks);
}

/** @param {HTMLCanvasElement} canvas */
export function contextOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}

/** @param {HTMLCanvasElement} canvas */
export function drawScale(canvas) {
  const context = contextOf(canvas);
  const image = context.createImageData(canvas.width, 1);
  for (let i = 0; i < canvas.width; i++) {
    paint(image.data, i, Math.round((255 * i) / (canvas.width - 1)));
  }
  context.putImageData(image, 0, 0);
}
