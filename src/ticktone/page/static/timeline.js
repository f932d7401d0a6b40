// The song from left to right: its waveform, and pointing at a moment or a stretch of it.

import { clock } from "./words.js";

const STILL = 5; // pixels within which a press is a click and not a drag

// layers: the parts' peaks, gain and colour. The first is drawn upwards from the middle, the second
// downwards, any other both ways.
export function drawWaveform(canvas, layers) {
  const ratio = window.devicePixelRatio;
  canvas.width = canvas.clientWidth * ratio;
  canvas.height = canvas.clientHeight * ratio;
  const context = canvas.getContext("2d");
  const middle = canvas.height / 2;
  const loudest = Math.max(1e-6, ...layers.map(({ peaks }) => Math.max(...peaks)));
  layers.forEach(({ peaks, gain, colour }, layer) => {
    context.fillStyle = colour;
    for (let x = 0; x < canvas.width; x++) {
      const from = Math.floor((x * peaks.length) / canvas.width);
      const to = Math.max(from + 1, Math.floor(((x + 1) * peaks.length) / canvas.width));
      const size = Math.max(...peaks.subarray(from, to)) * gain * (0.95 / loudest);
      const height = Math.max(ratio / 2, Math.min(1, size) * middle);
      const top = layer === 1 ? middle : middle - height;
      context.fillRect(x, top, 1, layer < 2 ? height : 2 * height);
    }
  });
}

// Shows where the player is, and its loop, on everything below `root`.
export function showPosition(root, slider, player) {
  const share = (seconds) => `${(100 * seconds) / player.duration}%`;
  const place = player.position;
  root.style.setProperty("--head", share(place));
  slider.setAttribute("aria-valuenow", String(Math.round(place)));
  slider.setAttribute("aria-valuetext", `${clock(place)} of ${clock(player.duration)}`);
  const { start, end } = player.selection ?? { start: 0, end: 0 };
  root.style.setProperty("--selected", player.selection ? "block" : "none");
  root.style.setProperty("--from", share(start));
  root.style.setProperty("--span", share(end - start));
}

// A click moves the player there; a drag chooses a loop.
export function point(picture, playerNow) {
  let pressed = null;
  const at = (event) => {
    const { left, width } = picture.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - left) / width)) * playerNow().duration;
  };
  picture.addEventListener("pointerdown", (event) => {
    if (!playerNow() || event.button !== 0) return;
    pressed = { x: event.clientX, seconds: at(event) };
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointerup", (event) => {
    if (!pressed || !playerNow()) return;
    const [start, end] = [pressed.seconds, at(event)].sort((a, b) => a - b);
    if (Math.abs(event.clientX - pressed.x) > STILL) {
      playerNow().select({ start, end }, true);
      playerNow().seek(start);
    } else {
      playerNow().seek(at(event));
    }
    pressed = null;
  });
  picture.addEventListener("pointercancel", () => {
    pressed = null;
  });
}
