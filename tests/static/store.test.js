import assert from "node:assert/strict";
import { test } from "node:test";

import { Backlog } from "../../static/lib/backlog.js";
import { createStore } from "../../static/lib/store.js";

test("a change is told once, with what was before and who made it", () => {
  const store = createStore({ event: 1, unit: "", field: "" });
  const told = [];
  const stop = store.listen((now, before, source) => told.push([before.field, now.field, source]));
  assert.equal(store.set({ field: "0-8" }, "tree"), true);
  assert.equal(store.set({ field: "0-8" }, "octets"), false);
  stop();
  store.set({ field: "8-16" }, "tree");
  assert.deepEqual(told, [["", "0-8", "tree"]]);
  assert.equal(store.get().field, "8-16");
});

test("a message older than the last is dropped, and the last number may come again", () => {
  const shown = [];
  const backlog = new Backlog(3, (message) => shown.push(message));
  for (const number of [3, 4, 6, 4, 6, 7]) backlog.take(number, number);
  assert.deepEqual(shown, [3, 4, 6, 6, 7]);
  assert.equal(backlog.last, 7);
});

test("messages held back during a pause are shown in order, and none is lost", () => {
  const shown = [];
  const backlog = new Backlog(0, (message) => shown.push(message));
  backlog.take(1, "a");
  backlog.pause();
  backlog.take(2, "b");
  backlog.take(3, "c");
  assert.deepEqual(shown, ["a"]);
  assert.equal(backlog.last, 3);
  backlog.resume();
  backlog.take(4, "d");
  assert.deepEqual(shown, ["a", "b", "c", "d"]);
});
