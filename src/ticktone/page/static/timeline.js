// The song from left to right: its waveform, and pointing at a moment or a stretch of it.

import { clock } from "./words.js";

const STILL = 5; // pixels within which a press is a click and not a drag

// layers: the parts' peaks, gain and colour, in the order in which they are painted.
export function drawWaveform(canvas, layers) {
  const ratio = window.devicePixelRatio;
  canvas.width = canvas.clientWidth * ratio;
  canvas.height = canvas.clientHeight * ratio;
  const context = canvas.getContext("2d");
  const middle = canvas.height / 2;
  for (const { peaks, gain, colour } of layers) {
    context.fillStyle = colour;
    context.globalAlpha = 0.8;
    for (let x = 0; x < canvas.width; x++) {
      const from = Math.floor((x * peaks.length) / canvas.width);
      const to = Math.max(from + 1, Math.floor(((x + 1) * peaks.length) / canvas.width));
      const size = Math.min(1, Math.max(...peaks.subarray(from, to)) * gain) * middle;
      context.fillRect(x, middle - size, 1, Math.max(1, 2 * size));
    }
  }
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
