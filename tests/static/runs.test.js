import assert from "node:assert/strict";
import { test } from "node:test";

import { octetsOf, ownerOf, printable, pythonBytes, runsOf, windowOf } from "../../static/lib/runs.js";

const leaf = (start, length) => ({ key: `${start}-${start + length}`, start, length, opaque: false });

test("a field touches every octet that holds one of its bits", () => {
  assert.deepEqual(octetsOf(0, 8), { from: 0, to: 1 });
  assert.deepEqual(octetsOf(4, 8), { from: 0, to: 2 });
  assert.deepEqual(octetsOf(17, 1), { from: 2, to: 3 });
  assert.deepEqual(octetsOf(16, 0), { from: 2, to: 2 });
});

test("an octet that leaves share belongs to the leaf with its first bit", () => {
  const leaves = [leaf(0, 4), leaf(4, 12), leaf(16, 1), leaf(17, 7)];
  assert.deepEqual([0, 1, 2, 3].map((octet) => ownerOf(leaves, octet)), [0, 1, 2, -1]);
});

test("runs cover a stretch once, in order, whatever the leaves and the selection are", () => {
  for (let seed = 1; seed < 300; seed += 1) {
    let state = seed;
    const random = (n) => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return state % n;
    };
    const leaves = [];
    for (let at = 0; at < 512; ) {
      const length = 1 + random(seed % 2 ? 40 : 9);
      leaves.push(leaf(at, length));
      at += length;
    }
    const from = random(60);
    const to = from + random(8);
    const first = random(60);
    const runs = runsOf(leaves, { from, to }, { from: first, to: first + random(9) });
    let at = from;
    for (const run of runs) {
      assert.equal(run.from, at);
      assert.ok(run.to > run.from);
      at = run.to;
    }
    assert.equal(at, to);
  }
});

test("a selection that ends inside a run splits it", () => {
  const runs = runsOf([leaf(0, 64)], { from: 0, to: 8 }, { from: 2, to: 4 });
  assert.deepEqual(runs.map((run) => [run.from, run.to, run.selected]), [[0, 2, false], [2, 4, true], [4, 8, false]]);
});

test("octets are written as Python writes them", () => {
  const bytes = (...octets) => pythonBytes(Uint8Array.from(octets));
  assert.equal(bytes(0x16, 0x03, 0x41), "b'\\x16\\x03A'");
  assert.equal(bytes(13, 10, 92), "b'\\r\\n\\\\'");
  assert.equal(bytes(39), 'b"\'"');
  assert.equal(bytes(39, 34), "b'\\'\"'");
  assert.equal(printable(0x41) + printable(0x20) + printable(0x80), "A··");
});

test("a window never leaves its rows", () => {
  assert.deepEqual(windowOf(4096, 2200, 440, 22), { from: 92, to: 128 });
  assert.deepEqual(windowOf(3, 0, 440, 22), { from: 0, to: 3 });
  assert.deepEqual(windowOf(3, 99999, 440, 22), { from: 3, to: 3 });
  assert.deepEqual(windowOf(0, 0, 0, 22), { from: 0, to: 0 });
});
