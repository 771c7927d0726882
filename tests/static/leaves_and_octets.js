/** Reads lists of leaves, and tells on which of them the byte pane and the tree would disagree. */
import { readFileSync } from "node:fs";

import { octetsOf, ownerOfBit, runsOf } from "../../static/lib/runs.js";

/** @type {{key: string, start: number, length: number, opaque: boolean}[][]} */
const units = JSON.parse(readFileSync(0, "utf8"));
for (const leaves of units) {
  const end = leaves.reduce((most, leaf) => Math.max(most, leaf.start + leaf.length), 0) / 8;
  leaves.forEach((leaf, index) => {
    const octets = octetsOf(leaf.start, leaf.length);
    const chosen = runsOf(leaves, octets, octets);
    const whole = chosen.length === 1 && chosen[0]?.selected && chosen[0].from === octets.from;
    const ends = [leaf.start, leaf.start + leaf.length - 1].map((bit) => ownerOfBit(leaves, bit));
    if (!whole || octets.to > end || ends.some((owner) => owner !== index)) console.log(leaf.key);
  });
}
