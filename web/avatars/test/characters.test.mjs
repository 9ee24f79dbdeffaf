import assert from "node:assert/strict";
import { test } from "node:test";
import { normalizeWeights } from "../src/rig.mjs";
import { morphNames, VISEMES } from "../src/morphs.mjs";
import { CHARACTERS } from "../src/characters/index.mjs";
import { beakGap } from "../src/characters/crane-beak.mjs";
import { lipGap } from "../src/characters/teacher-mouth.mjs";
import { length } from "../src/shape/math.mjs";

const SHARED_BONES = ["root", "hips", "spine", "chest", "neck", "head", "crown", "jaw", "eyeL", "eyeR"];
const SIDED_BONES = ["shoulder", "upperArm", "lowerArm", "hand", "fingers", "upperLeg", "lowerLeg", "foot"];
const OWN = {
  teacher: { morph: "laugh", bones: ["indexL", "indexR", "thumbL", "thumbR"] },
  drum: { morph: "laugh", bones: ["indexL", "indexR", "thumbL", "thumbR"] },
  crane: { morph: "angry", bones: ["tail"] },
};
const HEIGHT = { teacher: [1.1, 1.3], crane: [1.05, 1.25], drum: [1.1, 1.3] };

const vectors = (flat) => Array.from({ length: flat.length / 3 }, (_, i) => flat.slice(i * 3, i * 3 + 3));

test("weights are the four largest and sum to one", () => {
  const weights = normalizeWeights([["a", 5], ["b", 3], ["c", 1], ["d", 0.8], ["e", 0.5], ["f", 0.001]]); // prettier-ignore
  assert.deepEqual(weights.map(([bone]) => bone), ["a", "b", "c", "d"]); // prettier-ignore
  assert.ok(Math.abs(weights.reduce((sum, [, w]) => sum + w, 0) - 1) < 1e-12);
});

test("PP closes the lips and the beak; open sounds open them", () => {
  for (const gap of [lipGap, beakGap]) {
    const [rest, pp] = gap("viseme_PP");
    assert.ok(pp < rest, "PP closes what rest leaves open");
    assert.ok(pp <= 0);
    const order = ["viseme_aa", "viseme_E", "viseme_I", "viseme_PP"].map((name) => gap(name)[1]);
    assert.deepEqual(
      order,
      [...order].sort((a, b) => b - a),
      "aa opens widest",
    );
  }
});

for (const [name, make] of Object.entries(CHARACTERS)) {
  const { character } = make({ coarseness: 2.5 });
  const meshes = character.build();
  const { face } = meshes;

  test(`${name}: bones, each after its parent`, () => {
    const expected = [...SHARED_BONES, ...SIDED_BONES.flatMap((bone) => [`${bone}L`, `${bone}R`]), ...OWN[name].bones];
    assert.deepEqual(character.rig.bones.map((bone) => bone.name).sort(), expected.sort());
    character.rig.bones.forEach(({ parent }, i) => {
      if (parent) assert.ok(character.rig.index.get(parent) < i);
    });
  });

  test(`${name}: 28 morphs, each of which moves something but silence`, () => {
    assert.deepEqual(face.morphs.map((morph) => morph.name), morphNames(OWN[name].morph)); // prettier-ignore
    assert.equal(face.morphs.length, 28);
    assert.equal(VISEMES.length, 15);
    for (const morph of face.morphs) {
      const moved = Math.max(...vectors(morph.positions).map(length));
      if (morph.name === "viseme_sil") assert.equal(moved, 0);
      else assert.ok(moved > 0.003 && moved < 0.13, `${morph.name} moves ${String(moved)} m`);
    }
  });

  test(`${name}: morphs add up to a face, not to a burst`, () => {
    const sums = [
      { smile: 0.4, viseme_aa: 1 },
      { smile: 1, eyeBlinkLeft: 1, eyeBlinkRight: 1, browUp: 1 },
      { viseme_PP: 0.5, viseme_O: 0.5, sad: 0.5 },
    ];
    const bounds = (points) => [0, 1, 2].map((i) => [Math.min(...points.map((p) => p[i])), Math.max(...points.map((p) => p[i]))]); // prettier-ignore
    const rest = vectors(face.positions);
    const allowed = bounds(rest);
    for (const weights of sums) {
      const shape = rest.map((p, v) =>
        p.map((x, i) => x + face.morphs.reduce((sum, m) => sum + (weights[m.name] ?? 0) * m.positions[v * 3 + i], 0)),
      );
      bounds(shape).forEach(([low, high], i) => {
        assert.ok(low > allowed[i][0] - 0.04 && high < allowed[i][1] + 0.04, JSON.stringify(weights));
      });
    }
  });

  test(`${name}: blinking one eye leaves the other open`, () => {
    for (const [morph, side] of [
      ["eyeBlinkLeft", 1],
      ["eyeBlinkRight", -1],
    ]) {
      // prettier-ignore
      const { positions } = face.morphs.find((m) => m.name === morph);
      vectors(positions).forEach((d, v) => {
        if (length(d) > 1e-6) assert.ok(face.positions[v * 3] * side > 0);
      });
    }
  });

  test(`${name}: size, and vertex data without faults`, () => {
    let top = 0;
    for (const mesh of Object.values(meshes)) {
      for (const values of [mesh.positions, mesh.normals, mesh.colours, mesh.weights])
        assert.ok(values.every(Number.isFinite));
      for (const n of vectors(mesh.normals)) assert.ok(Math.abs(length(n) - 1) < 1e-3);
      assert.ok(mesh.colours.every((c) => c >= 0 && c <= 1.0001));
      for (let i = 0; i < mesh.weights.length; i += 4) {
        const sum = mesh.weights.slice(i, i + 4).reduce((a, b) => a + b);
        assert.ok(Math.abs(sum - 1) < 1e-9);
      }
      assert.equal(Math.max(...new Set(mesh.triangles)), mesh.count - 1);
      for (const [, y] of vectors(mesh.positions)) {
        top = Math.max(top, y);
        assert.ok(y > -0.01, "nothing under the floor");
      }
    }
    assert.ok(top > HEIGHT[name][0] && top < HEIGHT[name][1], `${String(top)} m tall`);
  });
}
