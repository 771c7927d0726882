import assert from "node:assert/strict";
import { test } from "node:test";

import { kindOf, kindsOf } from "../../static/lib/kinds.js";
import { firstParts, Loaded } from "../../static/lib/loaded.js";
import { moveOf } from "../../static/lib/moves.js";
import { widthOf } from "../../static/lib/runs.js";
import { bitBeyond, placeAt, placeOf, placeText, rangeOf } from "../../static/lib/place.js";

test("a place reads back as it was written", () => {
  for (const text of ["0", "7", "7.0", "7.7", "3-6", "3-3"]) assert.equal(placeText(placeOf(text)), text);
  assert.equal(placeText(null), "");
});

test("what is no place is none", () => {
  for (const text of ["", "x", "-1", "1.8", "6-3", "1.2-3", "1e3", "9999999999999"]) assert.equal(placeOf(text), null);
});

test("a range goes from the lower octet to the higher one, both included", () => {
  assert.deepEqual(rangeOf(6, 3), rangeOf(3, 6));
  assert.equal(placeText(rangeOf(6, 3)), "3-6");
});

test("the bit after the last one of an octet is the first one of the next", () => {
  assert.deepEqual(bitBeyond(placeAt(2, 0), 1, 9), placeAt(3, 7));
  assert.deepEqual(bitBeyond(placeAt(2, 7), -1, 9), placeAt(1, 0));
  assert.deepEqual(bitBeyond(placeAt(2, 3), 8, 9), placeAt(3, 3));
  assert.deepEqual(bitBeyond(placeAt(0, 3), -8, 9), placeAt(0, 7));
  assert.deepEqual(bitBeyond(placeAt(8, 3), 8, 9), placeAt(8, 0));
});

test("octets are of five kinds", () => {
  assert.deepEqual([0, 0x41, 0x20, 0x0a, 0x07, 0x7f, 0x80].map(kindOf), [0, 1, 2, 2, 3, 3, 4]);
  assert.deepEqual(kindsOf(Uint8Array.of(0x41, 0x42, 0, 0, 0xff)), [
    { kind: 1, text: "AB" }, { kind: 0, text: "··" }, { kind: 4, text: "×" }]);
});

test("of a large unit the ends come first, and what the address asks for", () => {
  assert.deepEqual(firstParts(262144, 9), [{ from: 0, to: 262144 }]);
  const mib = 1 << 20;
  assert.deepEqual(firstParts(mib, 0), [{ from: 0, to: 65536 }, { from: mib - 4096, to: mib }]);
  assert.deepEqual(firstParts(mib, 200000).at(-1), { from: 196608, to: 262144 });
});

test("what has come is known, in whichever order it came", () => {
  const loaded = new Loaded(10);
  loaded.put(6, Uint8Array.of(6, 7, 8, 9));
  loaded.put(0, Uint8Array.of(0, 1, 2));
  assert.ok(loaded.has(0, 3) && loaded.has(7, 10) && !loaded.has(2, 4) && !loaded.isWhole);
  loaded.put(3, Uint8Array.of(3, 4, 5));
  assert.ok(loaded.isWhole);
  assert.deepEqual([...loaded.octets], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("keys move by an octet, a row, a page, and to the ends", () => {
  const from = { at: 20, line: 16, page: 64, size: 100 };
  const to = (key, ctrlKey = false) => moveOf({ key, ctrlKey }, from);
  assert.deepEqual(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((key) => to(key)), [19, 21, 4, 36]);
  assert.deepEqual([to("Home"), to("End"), to("Home", true), to("End", true)], [16, 31, 0, 99]);
  assert.deepEqual([to("PageUp"), to("PageDown"), to("x")], [-44, 84, undefined]);
});

test("a row is as long as its pane is wide", () => {
  assert.deepEqual([329, 330, 559, 560].map(widthOf), [4, 8, 8, 16]);
});
