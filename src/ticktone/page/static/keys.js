// Shortcuts, unless they are switched off or meant for what has the focus.
// @ts-check

const MOVES = /^(Arrow.*|Home|End|Page.*)$/;

/** @param {KeyboardEvent} event */
function isMeantFor(event) {
  const { code, key } = event;
  const target = /** @type {Element} */ (event.target);
  if (key === "Escape") return false;
  if (target.closest("input[type=checkbox]")) return code === "Space";
  if (target.closest("select, summary, input:not([type=range])")) return true;
  if (target.closest("input")) return MOVES.test(key);
  return code === "Space" && Boolean(target.closest("button, a"));
}

/** @param {Actions} actions */
export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || isMeantFor(event)) return;
    const { code, key, shiftKey } = event;
    const target = /** @type {Element} */ (event.target);
    const movesSlider = target.closest("[role=slider]") && MOVES.test(key); // as any slider
    if (!movesSlider && !actions.enabled()) return;
    const digit = /^Digit([1-9])$/.exec(code)?.[1]; // with Shift, the key is another sign
    const action = {
      " ": () => actions.play(),
      ArrowLeft: () => actions.move(shiftKey ? -1 : -5),
      ArrowRight: () => actions.move(shiftKey ? 1 : 5),
      Home: () => actions.move(-Infinity),
      End: () => actions.move(Infinity),
      "[": () => actions.loopStart(),
      "]": () => actions.loopEnd(),
      Escape: () => actions.escape(),
      "+": () => actions.zoom(1 / 2),
      "-": () => actions.zoom(2),
      l: () => actions.loop(),
      L: () => actions.loop(),
      o: () => actions.original(),
      O: () => actions.original(),
    }[key];
    if (digit) actions.toggle(Number(digit) - 1, shiftKey ? "solo" : "mute");
    else if (action) action();
    else return;
    event.preventDefault();
  });
}
