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

const A_YEAR = 31_536_000; // seconds

/**
 * How the timeline is drawn is the one thing that the server has to know before the first paint.
 *
 * @param {string} look as web/look.py reads it
 */
export function keepLook(look) {
  try {
    document.cookie = `wiretale_view=${look}; Path=/; Max-Age=${A_YEAR}; SameSite=Lax`;
  } catch {
    // Nothing depends on being remembered.
  }
}
