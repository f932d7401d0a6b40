// The song from left to right: its waveform, ruler and loop, and pointing at a moment of it.
// @ts-check

import { contextOf } from "./spectrogram.js";
import { clock, tenths } from "./words.js";

const STILL = 5; // pixels within which a press is a click and not a drag
const GRIP = 8; // pixels beside a loop's edge within which it is taken hold of
const SHORTEST = 0.05; // seconds, of a view
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600];
const APART = 64; // pixels between two marks of the ruler, at least
/** @type {{start: "end", end: "start"}} */
const OTHER = { start: "end", end: "start" };
const BEAT = 5; // pixels between two beats on it

// layers: {part, gain, colour}. The first is drawn upwards from the middle, the second downwards,
// any other both ways. view: what is seen of the song, {start, end} in seconds.
/**
 * @param {HTMLCanvasElement} canvas
 * @param {{part: import("./part.js").PlayedPart, gain: number, colour: string}[]} layers
 * @param {Span} view
 */
export function drawWaveform(canvas, layers, view) {
  const ratio = window.devicePixelRatio;
  canvas.width = canvas.clientWidth * ratio;
  canvas.height = canvas.clientHeight * ratio;
  const context = contextOf(canvas);
  const middle = canvas.height / 2;
  const sizes = layers.map(({ part, gain }) => part.loudest * Math.max(1, gain));
  const loudest = Math.max(1e-6, ...sizes);
  const { sampleRate, filled } = layers[0].part;
  const first = view.start * sampleRate;
  const each = ((view.end - view.start) * sampleRate) / canvas.width;
  layers.forEach(({ part, gain, colour }, layer) => {
    context.fillStyle = colour;
    for (let x = 0; x < canvas.width && first + x * each < filled; x++) {
      const peak = part.peakBetween(first + x * each, first + (x + 1) * each);
      const size = peak * gain * (0.95 / loudest);
      const height = Math.max(ratio / 2, Math.min(1, size) * middle);
      const top = layer === 1 ? middle : middle - height;
      context.fillRect(x, top, 1, layer < 2 ? height : 2 * height);
    }
  });
}

/**
 * @param {HTMLElement} ruler
 * @param {Span} view
 * @param {number[]} beats
 */
export function drawRuler(ruler, view, beats) {
  const span = view.end - view.start;
  const most = Math.max(1, ruler.clientWidth / APART);
  const step = STEPS.find((step) => span / step <= most) ?? STEPS[STEPS.length - 1];
  const marks = [];
  for (let index = Math.ceil(view.start / step); index * step < view.end; index++) {
    const mark = document.createElement("span");
    const seconds = index * step;
    mark.textContent = step < 1 ? tenths(seconds, step < 0.1 ? 2 : 1) : clock(seconds + 1e-6);
    mark.style.left = `${(100 * (seconds - view.start)) / span}%`;
    marks.push(mark);
  }
  const seen = beats.filter((beat) => beat >= view.start && beat < view.end);
  if (seen.length * BEAT < ruler.clientWidth) {
    for (const beat of seen) {
      const mark = document.createElement("i");
      mark.style.left = `${(100 * (beat - view.start)) / span}%`;
      marks.push(mark);
    }
  }
  ruler.replaceChildren(...marks);
}

// Shows where the player is, and its loop, on everything below `root`.
/**
 * @param {HTMLElement} root
 * @param {HTMLElement} slider
 * @param {import("./player.js").Player} player
 * @param {Span} view
 */
export function showPosition(root, slider, player, view) {
  const span = view.end - view.start;
  /** @param {number} seconds */
  const share = (seconds) => `${(100 * (seconds - view.start)) / span}%`;
  const place = player.position;
  root.style.setProperty("--head", share(place));
  root.style.setProperty("--zoom", String(player.duration / span));
  root.style.setProperty("--shift", String(view.start / span));
  slider.setAttribute("aria-valuenow", String(Math.round(place)));
  slider.setAttribute("aria-valuetext", `${clock(place)} of ${clock(player.duration)}`);
  const { start, end } = player.selection ?? { start: 0, end: 0 };
  root.style.setProperty("--selected", player.selection ? "block" : "none");
  root.style.setProperty("--from", share(start));
  root.style.setProperty("--span", `${(100 * (end - start)) / span}%`);
}

// Returns a view so many times as wide around a moment that stays where it is on the screen.
/**
 * @param {Span} view
 * @param {number} times
 * @param {number} moment
 * @param {number} duration
 */
export function zoomed(view, times, moment, duration) {
  const span = Math.min(duration, Math.max(SHORTEST, (view.end - view.start) * times));
  const share = (moment - view.start) / (view.end - view.start);
  return moved({ start: 0, end: span }, moment - share * span, duration);
}

// Returns the view moved so that it starts there, or as near as the song allows.
/**
 * @param {Span} view
 * @param {number} wanted
 * @param {number} duration
 */
export function moved({ start, end }, wanted, duration) {
  const span = end - start;
  const from = Math.max(0, Math.min(wanted, duration - span));
  return { start: from, end: from + span };
}

// A click moves the player there, a drag chooses a loop, or moves the edge it takes hold of; Escape
// while dragging puts back what was there.
/**
 * @param {HTMLElement} picture
 * @param {import("./desk.js").Desk} desk
 */
export function point(picture, desk) {
  /** @type {{x: number, fixed: number, edge: keyof Span | null, before: Span | null, wasOn: boolean} | null} */
  let pressed = null;
  /** @param {MouseEvent} event */
  const within = (event) => {
    const { left, width } = picture.getBoundingClientRect();
    const { start, end } = desk.view;
    const seconds = start + ((event.clientX - left) / width) * (end - start);
    return Math.max(start, Math.min(end, seconds));
  };
  /**
   * @param {MouseEvent} event
   * @returns {keyof Span | null}
   */
  const edgeAt = (event) => {
    const selection = desk.player?.selection;
    if (!selection) return null;
    const perPixel = (desk.view.end - desk.view.start) / picture.getBoundingClientRect().width;
    /** @param {keyof Span} edge */
    const near = (edge) => Math.abs(selection[edge] - within(event)) < GRIP * perPixel;
    return /** @type {(keyof Span)[]} */ (["start", "end"]).find(near) ?? null;
  };
  /**
   * @param {MouseEvent} event
   * @param {number} fixed
   */
  const chosen = (event, fixed) => {
    const edges = [fixed, within(event)].map((edge) => desk.snapped(edge));
    const [start, end] = edges.sort((a, b) => a - b);
    return { start, end };
  };
  picture.addEventListener("pointerdown", (event) => {
    if (!desk.player || event.button !== 0) return;
    const { selection, loop } = desk.player;
    const edge = edgeAt(event);
    const fixed = edge && selection ? selection[OTHER[edge]] : within(event);
    pressed = { x: event.clientX, fixed, edge, before: selection, wasOn: Boolean(loop) };
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointermove", (event) => {
    if (!desk.player) return;
    if (!pressed) picture.classList.toggle("at-edge", edgeAt(event) !== null);
    else if (isDrag(event, pressed.x)) desk.player.preview(chosen(event, pressed.fixed));
  });
  /**
   * @param {MouseEvent} event
   * @param {number} x
   */
  const isDrag = (event, x) => Math.abs(event.clientX - x) > STILL;
  picture.addEventListener("pointerup", (event) => {
    if (!pressed || !desk.player) return;
    if (isDrag(event, pressed.x)) {
      const selection = chosen(event, pressed.fixed);
      desk.player.select(selection, true);
      if (!pressed.edge) desk.player.seek(selection.start);
    } else {
      desk.player.seek(within(event));
    }
    pressed = null;
  });
  const cancel = () => {
    if (!pressed) return false;
    desk.player?.select(pressed.before, pressed.wasOn);
    pressed = null;
    return true;
  };
  picture.addEventListener("pointercancel", cancel);
  picture.addEventListener(
    "wheel",
    (event) => {
      if (!desk.player) return;
      const across = event.deltaX || (event.shiftKey ? event.deltaY : 0);
      if (event.ctrlKey) desk.zoom(2 ** (event.deltaY / 200), within(event));
      else if (across) desk.scroll(across / picture.clientWidth);
      else return; // the page scrolls
      event.preventDefault();
    },
    { passive: false },
  );
  return cancel;
}
