import assert from "node:assert/strict";
import { test } from "node:test";
import {
  at,
  difference,
  ellipsoid,
  flatten,
  gradient,
  halfSpace,
  intersection,
  project,
  roundCone,
  sphere,
  union,
} from "../src/shape/field.mjs";
import { length } from "../src/shape/math.mjs";

const near = (actual, expected, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${String(actual)} is not ${String(expected)}`);

test("distances to a sphere are metres, negative inside", () => {
  const f = sphere([0.1, 0, 0], 0.2);
  near(f(0.4, 0, 0), 0.1);
  near(f(0.1, 0, 0), -0.2);
  near(f(0.1, 0.2, 0), 0);
});

test("an ellipsoid is zero on its axes, also when turned", () => {
  const f = ellipsoid([0, 1, 0], [0.3, 0.1, 0.2]);
  for (const p of [[0.3, 1, 0], [0, 1.1, 0], [0, 1, -0.2]]) near(at(f, p), 0); // prettier-ignore
  const turned = ellipsoid([0, 0, 0], [0.3, 0.1, 0.1], [0, 0, 90]);
  near(turned(0, 0.3, 0), 0, 1e-9);
  assert.ok(turned(0.3, 0, 0) > 0.1);
});

test("a round cone has its spheres at its ends and is straight between", () => {
  const f = roundCone([0, 0, 0], [0, 1, 0], 0.2, 0.1);
  near(f(0, -0.3, 0), 0.1);
  near(f(0, 1.3, 0), 0.2);
  const tube = roundCone([0, 0, 0], [0, 1, 0], 0.1, 0.1);
  near(tube(0.3, 0.5, 0), 0.2);
  near(tube(0.3, 0.2, 0.4), 0.4);
});

test("unions, cuts and planes", () => {
  const [a, b] = [sphere([0, 0, 0], 0.1), sphere([0.15, 0, 0], 0.1)];
  assert.equal(union(0, a, b)(0.3, 0, 0), b(0.3, 0, 0));
  assert.ok(union(0.05, a, b)(0.075, 0.066, 0) < Math.min(a(0.075, 0.066, 0), b(0.075, 0.066, 0)));
  assert.ok(difference(0, a, b)(0.08, 0, 0) > 0);
  near(intersection(0, a, halfSpace([0, 1, 0], [0, 0.05, 0]))(0, 0.2, 0), 0.15);
});

test("flattening halves the depth and leaves the height", () => {
  const f = flatten(sphere([0, 0, 0.5], 0.1), 0.5, 0.5);
  near(f(0, 0, 0.55), 0);
  near(f(0, 0.1, 0.5), 0);
});

test("gradients have length one, and points land on the surface, lifted", () => {
  const f = union(0.03, ellipsoid([0, 0, 0], [0.18, 0.17, 0.16]), sphere([0, 0.1, 0.1], 0.08));
  near(length(gradient(f, [0, 0.2, 0.2])), 1, 0.1);
  near(at(f, project(f, [0.2, 0.1, 0.1], 0.004)), 0.004, 1e-5);
});
