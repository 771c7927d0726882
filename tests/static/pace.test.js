import assert from "node:assert/strict";
import { test } from "node:test";

import { placeOf, reading, travel } from "../../static/lib/pace.js";

test("a caption is left for as long as its words take, and never less than two seconds", () => {
  assert.equal(reading(14), 4_900);
  assert.equal(reading(1), 2_000);
});

test("a way takes as long as the speed says, and a gap does not make anybody wait", () => {
  assert.equal(travel(1_500_000, 1_000_000), 1_500);
  assert.equal(travel(1_000, 1_000_000), 250);
  assert.equal(travel(10 ** 9, 1_000_000), 3_000);
  assert.equal(travel(0, 1_000_000), 0);
});

test("a moment between two marks is between their places", () => {
  /** @type {[number, number][]} */
  const known = [[0, 10], [100, 110], [100, 110], [200, 130]];
  assert.equal(placeOf(known, 50), 60);
  assert.equal(placeOf(known, 150), 120);
  assert.equal(placeOf(known, 300), 130);
  assert.equal(placeOf(known, -5), 10);
  assert.equal(placeOf([], 5), 0);
});
