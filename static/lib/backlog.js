/**
 * Messages of a running trace, in order, while a reader may have asked for a pause. Knows where to
 * resume: the number of the last event that arrived, seen or held back.
 *
 * @template Message
 */
export class Backlog {
  /**
   * @param {number} last number of the last event that the page already shows
   * @param {(message: Message) => void} show
   */
  constructor(last, show) {
    this.last = last;
    this.paused = false;
    /** @type {Message[]} */
    this.held = [];
    this.show = show;
  }

  /**
   * Take a message; one that was there before, by its number, is dropped. The last number may come
   * twice: how a trace ended changes the page without a further event.
   *
   * @param {number} number of the last event in it
   * @param {Message} message
   */
  take(number, message) {
    if (number < this.last) return;
    this.last = number;
    if (this.paused) this.held.push(message);
    else this.show(message);
  }

  pause() {
    this.paused = true;
  }

  resume() {
    this.paused = false;
    for (const message of this.held.splice(0)) this.show(message);
  }
}
