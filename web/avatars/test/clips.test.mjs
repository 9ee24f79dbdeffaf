import assert from "node:assert/strict";
import { test } from "node:test";
import { CHARACTERS } from "../src/characters/index.mjs";
import { LOOPS, ONE_SHOTS } from "../src/clips.mjs";
import { keyed } from "../src/motion.mjs";
import { quaternionFromEuler } from "../src/shape/math.mjs";

test("keys are met, held outside, and eased between", () => {
  const f = keyed([[0, 0], [1, 10], [2, 10], [3, 0, "back"]]); // prettier-ignore
  assert.equal(f(-1), 0);
  assert.equal(f(1), 10);
  assert.equal(f(9), 0);
  assert.ok(f(0.1) < 0.2, "starts gently");
  assert.ok(f(2.7) < -0.5, "goes too far before it settles");
});

for (const [name, make] of Object.entries(CHARACTERS)) {
  const { character, clips } = make({ coarseness: 4 });
  const quaternion = (turn) => (turn.length === 3 ? quaternionFromEuler(turn) : turn);
  /** The angle between two turns, in degrees. */
  const between = (a, b) => {
    const d = quaternion(a).reduce((sum, x, i) => sum + x * quaternion(b)[i], 0);
    return (2 * Math.acos(Math.min(1, Math.abs(d))) * 180) / Math.PI;
  };

  test(`${name}: the twelve clips have their names and lengths`, () => {
    const expected = { ...LOOPS, ...ONE_SHOTS };
    assert.equal(Object.keys(expected).length, 12);
    assert.deepEqual(Object.fromEntries(Object.entries(clips).map(([clip, { seconds }]) => [clip, seconds])), expected);
    for (const clip of Object.keys(clips)) assert.equal(clips[clip].loop, clip in LOOPS);
  });

  test(`${name}: every clip ends where it starts, and no bone jumps`, () => {
    for (const [clip, { seconds, turns, moves }] of Object.entries(clips)) {
      for (const [bone, turn] of Object.entries(turns)) {
        assert.ok(between(turn(0), turn(seconds)) < 2.5, `${clip}: ${bone} ends elsewhere`);
        for (let t = 0; t < seconds; t += 0.05) {
          const step = between(turn(t), turn(Math.min(seconds, t + 0.05)));
          assert.ok(step < 65, `${clip}: ${bone} turns ${String(step)}° in a frame`);
        }
      }
      assert.ok(Math.abs(moves.hips(0)[1] - moves.hips(seconds)[1]) < 1e-3, clip);
    }
  });

  test(`${name}: knees bend so that the feet stay on the floor`, () => {
    const { turns, moves } = clips.celebrate;
    const head = (bone) => character.rig.head(bone);
    const [upper, lower] = [head("upperLegL")[1] - head("lowerLegL")[1], head("lowerLegL")[1] - head("footL")[1]];
    const cos = (degrees) => Math.cos((degrees * Math.PI) / 180);
    const t = 0.25; // the lowest point
    const thigh = turns.upperLegL(t)[0];
    const shin = thigh + turns.lowerLegL(t)[0];
    const shortened = upper * (1 - cos(thigh)) + lower * (1 - cos(shin));
    assert.ok(Math.abs(moves.hips(t)[1] + shortened) < 0.004, `${String(moves.hips(t)[1])} and ${String(shortened)}`);
  });

  test(`${name}: tracks move bones that exist`, () => {
    const optional = new Set(["tail", "indexL", "indexR"]);
    for (const { turns } of Object.values(clips))
      for (const bone of Object.keys(turns)) assert.ok(character.rig.index.has(bone) || optional.has(bone), bone);
  });
}
