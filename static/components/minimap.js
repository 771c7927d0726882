const LEAST = 0.012; // of the strip: a smaller window could not be seen

/** The strip beside the bytes of a large unit: where the window is, and a way to any other place. */
export class Minimap {
  /** @param {HTMLElement} grid */
  constructor(grid) {
    this.grid = grid;
    this.strip = document.getElementById("minimap");
    this.strip?.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.strip?.setPointerCapture(event.pointerId);
      this.jump(event);
    });
    this.strip?.addEventListener("pointermove", (event) => event.buttons && this.jump(event));
  }

  /** @param {PointerEvent} event */
  jump(event) {
    const box = /** @type {Element} */ (this.strip).getBoundingClientRect();
    const share = (event.clientY - box.top) / box.height;
    this.grid.scrollTop = share * this.grid.scrollHeight - this.grid.clientHeight / 2;
  }

  /**
   * @param {import("../lib/runs.js").Span} chosen
   * @param {number} size of the unit, in octets
   * @param {{scrollTop: number, clientHeight: number, all: number}} shown of all rows, in pixels
   */
  draw(chosen, size, { scrollTop, clientHeight, all }) {
    if (!this.strip) return;
    this.place(".window", scrollTop / all, Math.min(1, Math.max(LEAST, clientHeight / all)));
    this.place(".chosen", chosen.from / size, (chosen.to - chosen.from) / size);
  }

  /**
   * @param {string} selector
   * @param {number} at
   * @param {number} length
   */
  place(selector, at, length) {
    const mark = this.strip?.querySelector(selector);
    mark?.setAttribute("y", (at * 1000).toFixed(1));
    mark?.setAttribute("height", (length * 1000).toFixed(1));
  }
}
