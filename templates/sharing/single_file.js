
// One selection: a field and its bytes, which the address names. Without this script the address
// still leads to the field; its bytes are then not marked.
(() => {
  const PLACE = /^#e(\d+)(?:\.u(\d+))?(?:\.f(\d+-\d+(?:~\d+)?))?(?:\.b(\d+))?$/;

  /** @param {string} key */
  const range = (key) => key.split("~")[0]?.split("-").map(Number) ?? [];

  /**
   * The innermost field that a bit belongs to.
   *
   * @param {Element} unit
   * @param {number} bit
   */
  function keyOfBit(unit, bit) {
    for (const field of unit.querySelectorAll(".tree li[id]")) {
      const key = field.id.slice(field.id.indexOf(".f") + 2);
      const [start = 0, end = 0] = range(key);
      if (start <= bit && bit < end && !field.querySelector("li[id]")) return key;
    }
    return "";
  }

  /**
   * Mark the octets of a row that have bits of a field.
   *
   * @param {NodeListOf<Element>} runs
   * @param {number} at the first octet
   * @param {number} width characters of an octet
   * @param {number} start bits
   * @param {number} end
   */
  function mark(runs, at, width, start, end) {
    for (const run of runs) {
      const octets = Math.ceil((run.textContent ?? "").length / width);
      run.classList.toggle("sel", at * 8 < end && (at + octets) * 8 > start);
      at += octets;
    }
  }

  function show() {
    for (const old of document.querySelectorAll(".on, .run.sel")) old.classList.remove("on", "sel");
    const [, event, unitNumber = "1", named = "", bit = ""] = PLACE.exec(decodeURIComponent(location.hash)) ?? [];
    if (!event) return;
    const unit = document.getElementById(`e${event}.u${unitNumber}`);
    const key = named || (unit && bit ? keyOfBit(unit, Number(bit)) : "");
    const field = unit && key ? document.getElementById(`${unit.id}.f${key}`) : null;
    if (!unit || !field) return document.getElementById(`e${event}`)?.scrollIntoView();
    field.classList.add("on");
    const [start = 0, end = 0] = range(key);
    for (const row of unit.querySelectorAll(".row")) {
      const offset = Number.parseInt(row.querySelector(".offset")?.textContent ?? "0", 16);
      mark(row.querySelectorAll(".hex .run"), offset, 3, start, end);
      mark(row.querySelectorAll(".text .run"), offset, 1, start, end);
    }
    field.querySelector(".field")?.scrollIntoView({ block: "nearest" });
  }

  addEventListener("hashchange", show);
  show();
})();
