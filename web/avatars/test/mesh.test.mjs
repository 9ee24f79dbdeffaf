import assert from "node:assert/strict";
import { test } from "node:test";
import { sphere } from "../src/shape/field.mjs";
import { cross, dot, length, normalize, subtract } from "../src/shape/math.mjs";
import { ball, patch, ring, surface, tube, tubePoint } from "../src/shape/mesh.mjs";

const faces = ({ positions, triangles }) =>
  Array.from({ length: triangles.length / 3 }, (_, i) => triangles.slice(i * 3, i * 3 + 3).map((t) => positions[t]));

const faceNormal = ([a, b, c]) => cross(subtract(b, a), subtract(c, a));

const box = { min: [-0.15, -0.15, -0.15], max: [0.15, 0.15, 0.15], cell: 0.02 };

test("surface nets give a closed sphere whose points are on it and whose triangles face outward", () => {
  const mesh = surface(sphere([0, 0, 0], 0.1), box);
  for (const p of mesh.positions) assert.ok(Math.abs(length(p) - 0.1) < 1e-5);
  for (const face of faces(mesh)) assert.ok(dot(faceNormal(face), face[0]) > 0);
  const edges = new Map();
  for (let i = 0; i < mesh.triangles.length; i += 3)
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ]) {
      // prettier-ignore
      const key = [mesh.triangles[i + a], mesh.triangles[i + b]].sort((x, y) => x - y).join();
      edges.set(key, (edges.get(key) ?? 0) + 1);
    }
  assert.ok(
    [...edges.values()].every((count) => count === 2),
    "every edge has two triangles",
  );
});

test("simplification leaves the share asked for, and stays on the sphere", () => {
  const fine = surface(sphere([0, 0, 0], 0.1), box);
  const rough = surface(sphere([0, 0, 0], 0.1), { ...box, keep: 0.5, error: 0.05 });
  assert.ok(rough.triangles.length <= fine.triangles.length * 0.52);
  for (const p of rough.positions) assert.ok(Math.abs(length(p) - 0.1) < 1e-5);
});

test("patches face where they are told, whichever way their parameters run", () => {
  for (const flip of [1, -1]) {
    const sheet = patch((u, v) => [u * flip, v, 0], { columns: 3, rows: 3, outward: [0, 0, 1] });
    for (const n of sheet.normals) assert.ok(n[2] > 0.99);
    for (const face of faces(sheet)) assert.ok(faceNormal(face)[2] > 0);
  }
});

test("balls, rings and tubes are closed about u and face outward", () => {
  for (const face of faces(ball([1, 0, 0], [0.1, 0.2, 0.3])))
    assert.ok(dot(faceNormal(face), subtract(face[0], [1, 0, 0])) > 0);
  const hoop = ring([0, 0, 0], { rx: 0.1, r: 0.02 });
  hoop.positions.forEach((p, i) => {
    const middle = [...normalize([p[0], 0, p[2]]).map((x) => x * 0.1)];
    assert.ok(dot(hoop.normals[i], normalize(subtract(p, middle))) > 0.95);
  });
  const pipe = tube((t) => [0, t, 0], () => 0.1, { columns: 8, rows: 2 }); // prettier-ignore
  assert.equal(pipe.positions.length, 24);
  pipe.positions.forEach((p, i) => assert.ok(dot(pipe.normals[i], [p[0], 0, p[2]]) > 0));
});

test("a variant has the same points in the same order", () => {
  const path = (bend) => (t) => [bend * t * t, t, 0];
  const base = tube(path(0), () => 0.1, { columns: 6, rows: 4 });
  const bent = base.variant(tubePoint(path(0.5), () => 0.1));
  assert.equal(bent.positions.length, base.positions.length);
  const last = bent.positions.length - 1;
  assert.ok(bent.positions[last][0] - base.positions[last][0] > 0.3);
  assert.ok(Math.abs(bent.positions[0][1] - base.positions[0][1]) < 0.01);
});
