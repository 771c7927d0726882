/** What the device remembers, if it allows it: an embedded page may have no storage at all. */

/**
 * @param {string} name
 * @returns {string | null}
 */
export function recall(name) {
  try {
    return localStorage.getItem(`wiretale.${name}`);
  } catch {
    return null;
  }
}

/**
 * @param {string} name
 * @param {string} value "" to forget
 */
export function remember(name, value) {
  try {
    if (value) localStorage.setItem(`wiretale.${name}`, value);
    else localStorage.removeItem(`wiretale.${name}`);
  } catch {
    // Nothing depends on being remembered.
  }
}
