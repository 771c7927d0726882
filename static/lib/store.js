/**
 * One selection that every pane shows: which event, which of its units, which field of that.
 *
 * @typedef {{event: number, unit: string, field: string}} Selection
 * @typedef {(now: Selection, before: Selection, source: string) => void} Listener
 */

/**
 * @param {Selection} initial
 */
export function createStore(initial) {
  /** @type {Selection} */
  let selection = Object.freeze({ ...initial });
  /** @type {Set<Listener>} */
  const listeners = new Set();

  return {
    get: () => selection,

    /**
     * Change part of the selection and tell everybody, unless nothing changed.
     *
     * @param {Partial<Selection>} part
     * @param {string} source who changed it; a listener uses it to leave its own change alone
     * @returns {boolean} whether anything changed
     */
    set(part, source) {
      const before = selection;
      const now = Object.freeze({ ...before, ...part });
      if (now.event === before.event && now.unit === before.unit && now.field === before.field) {
        return false;
      }
      selection = now;
      for (const listener of listeners) listener(now, before, source);
      return true;
    },

    /**
     * @param {Listener} listener
     * @returns {() => void} stops the listening
     */
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */
