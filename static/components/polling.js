/**
 * For a page that no stream reaches, since something on the way breaks or holds it: one question
 * for the news at a time.
 */

/** @typedef {{name: string, id: number | null, data: any}} News as the stream has it */

/**
 * What is new by now.
 *
 * @param {string} address
 * @returns {Promise<News[] | "gone" | null>} null if the server was not reached
 */
export async function ask(address) {
  try {
    const answer = await fetch(address);
    if (answer.status === 404) return "gone";
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
