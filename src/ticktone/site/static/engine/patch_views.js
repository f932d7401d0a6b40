// The places of a recording at which a network is shown it; as ticktone.methods.patch_views.
// @ts-check

// The frames that are shown for a patch that begins with frame `first`, undefined where there are
// none, and how many of them come before it.
/**
 * @param {Frame[]} frames
 * @param {number} first
 * @param {PatchSettings} settings
 */
export function shownFor(frames, first, { patch, margin, ahead, multiple }) {
  let [start, end] = [first - margin, first + patch + ahead];
  if (multiple) {
    start = Math.max(0, start);
    end = Math.min(frames.length, end);
    end = start + Math.ceil((end - start) / multiple) * multiple;
  }
  /** @type {(Frame | undefined)[]} */
  const shown = Array.from({ length: end - start }, (_, column) => frames[start + column]);
  return { shown, before: first - start };
}
