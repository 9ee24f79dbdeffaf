// Meshes: fields by surface nets, and patches by two parameters.
import { MeshoptSimplifier } from "meshoptimizer";
import { at, gradient, normalAt } from "./field.mjs";
import { add, clamp, cross, dot, length, normalize, rotate, scale, subtract, TURN } from "./math.mjs";

await MeshoptSimplifier.ready;

/**
 * @typedef {object} Mesh
 * @property {import("./math.mjs").Vec[]} positions
 * @property {import("./math.mjs").Vec[]} normals
 * @property {number[]} triangles three indices each, counter-clockwise from outside
 * @property {[number, number][]} [uv] parameters of a patch's points
 */

const CORNERS = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => [i & 1, (i >> 1) & 1, i >> 2]);
const EDGES = CORNERS.flatMap((_, a) => [1, 2, 4].filter((bit) => !(a & bit)).map((bit) => [a, a | bit]));
const PROJECTIONS = 4;

/**
 * The surface of `field` within the box from `min` to `max`, by surface nets of
 * `cell` metres, each point then moved onto the surface. `keep` is the share of
 * triangles that simplification leaves; `error` its limit, relative to the size.
 */
export function surface(field, { min, max, cell, keep = 1, error = 0.02 }) {
  const n = [0, 1, 2].map((i) => Math.ceil((max[i] - min[i]) / cell) + 2);
  const index = (i, j, k) => i + n[0] * (j + n[1] * k);
  const values = new Float32Array(n[0] * n[1] * n[2]);
  for (let k = 0; k < n[2]; k++)
    for (let j = 0; j < n[1]; j++)
      for (let i = 0; i < n[0]; i++)
        values[index(i, j, k)] = field(min[0] + i * cell, min[1] + j * cell, min[2] + k * cell);

  const vertexOf = new Int32Array(values.length).fill(-1);
  const points = [];
  for (let k = 0; k < n[2] - 1; k++)
    for (let j = 0; j < n[1] - 1; j++)
      for (let i = 0; i < n[0] - 1; i++) {
        const point = crossing(CORNERS.map(([a, b, c]) => values[index(i + a, j + b, k + c)]));
        if (!point) continue;
        vertexOf[index(i, j, k)] = points.length;
        points.push(settle(field, add(min, scale(add([i, j, k], point), cell)), cell));
      }

  const triangles = [];
  const quad = (a, b, c, d, inside) => {
    if (a < 0 || b < 0 || c < 0 || d < 0) return;
    if (inside) triangles.push(a, b, c, a, c, d);
    else triangles.push(a, c, b, a, d, c);
  };
  const v = (i, j, k) => vertexOf[index(i, j, k)];
  for (let k = 1; k < n[2] - 1; k++)
    for (let j = 1; j < n[1] - 1; j++)
      for (let i = 1; i < n[0] - 1; i++) {
        const inside = values[index(i, j, k)] < 0;
        if (inside !== values[index(i + 1, j, k)] < 0)
          quad(v(i, j - 1, k - 1), v(i, j, k - 1), v(i, j, k), v(i, j - 1, k), inside);
        if (inside !== values[index(i, j + 1, k)] < 0)
          quad(v(i - 1, j, k - 1), v(i - 1, j, k), v(i, j, k), v(i, j, k - 1), inside);
        if (inside !== values[index(i, j, k + 1)] < 0)
          quad(v(i - 1, j - 1, k), v(i, j - 1, k), v(i, j, k), v(i - 1, j, k), inside);
      }
  const simple = keep < 1 ? simplify(points, triangles, keep, error) : triangles;
  return compact(points, simple, field);
}

/** The mean of the points where a unit cell's edges cross the surface, if any do. */
function crossing(values) {
  const sum = [0, 0, 0];
  let count = 0;
  for (const [a, b] of EDGES) {
    if (values[a] < 0 === values[b] < 0) continue;
    const t = values[a] / (values[a] - values[b]);
    for (let i = 0; i < 3; i++) sum[i] += CORNERS[a][i] + (CORNERS[b][i] - CORNERS[a][i]) * t;
    count++;
  }
  return count > 0 ? scale(sum, 1 / count) : null;
}

function settle(field, point, limit) {
  let p = point;
  for (let i = 0; i < PROJECTIONS; i++) {
    const g = gradient(field, p);
    p = subtract(p, scale(g, clamp(at(field, p) / (dot(g, g) || 1), -limit, limit)));
  }
  return p;
}

function simplify(points, triangles, keep, error) {
  const target = Math.floor((triangles.length * keep) / 3) * 3;
  const [result] = MeshoptSimplifier.simplify(
    new Uint32Array(triangles),
    new Float32Array(points.flat()),
    3,
    target,
    error,
    [],
  );
  return [...result];
}

/** @returns {Mesh} only the points in use, with the field's gradient as normals */
function compact(points, triangles, field) {
  const renamed = new Map();
  const positions = [];
  const used = triangles.map((t) => {
    if (!renamed.has(t)) {
      renamed.set(t, positions.length);
      positions.push(points[t]);
    }
    return renamed.get(t);
  });
  return { positions, normals: positions.map((p) => normalAt(field, p)), triangles: used };
}

/**
 * The patch of `point(u, v)`, both 0 to 1, over columns × rows quads; `closed`
 * joins u = 1 to u = 0. `outward` (a direction, or a function of u and v) says
 * which side is seen. `variant(other)` gives another shape's points and normals
 * over the same triangles, for a morph.
 */
export function patch(point, { columns, rows, closed = false, outward }) {
  const width = closed ? columns : columns + 1;
  const uv = [];
  for (let j = 0; j <= rows; j++) for (let i = 0; i < width; i++) uv.push([i / columns, j / rows]);
  const shape = (f, sign) => ({
    positions: uv.map(([u, v]) => f(u, v)),
    normals: uv.map(([u, v]) => scale(patchNormal(f, u, v, closed), sign)),
  });

  let facing = 0;
  for (const [u, v] of uv) {
    if (v === 0 || v === 1) continue;
    facing += dot(
      patchNormal(point, u, v, closed),
      typeof outward === "function" ? outward(u, v) : (outward ?? [0, 0, 0]),
    );
  }
  const sign = facing < 0 ? -1 : 1;
  const base = shape(point, sign);

  const all = [];
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) {
      const [a, b] = [i + j * width, (closed ? (i + 1) % columns : i + 1) + j * width];
      all.push([a, b, b + width], [a, b + width, a + width]);
    }
  const corner = (t, i) => base.positions[t[i]];
  const face = (t) => cross(subtract(corner(t, 1), corner(t, 0)), subtract(corner(t, 2), corner(t, 0)));
  const turned = all.reduce((sum, t) => sum + t.reduce((s, i) => s + dot(face(t), base.normals[i]), 0), 0) < 0;
  const triangles = all.filter((t) => length(face(t)) > 1e-12).flatMap(([a, b, c]) => (turned ? [a, c, b] : [a, b, c]));
  return { ...base, triangles, uv, variant: (other) => shape(other, sign) };
}

function patchNormal(f, u, v, closed) {
  const e = 2e-3;
  const inU = (x) => (closed ? x : clamp(x));
  const midV = clamp(v, 2 * e, 1 - 2 * e); // a pole has no direction along u
  const du = subtract(f(inU(u + e), midV), f(inU(u - e), midV));
  const dv = subtract(f(u, clamp(v + e)), f(u, clamp(v - e)));
  return normalize(cross(dv, du));
}

/** The point function of a tube along `path`, its width × `flat` in the second direction. */
export function tubePoint(path, radius, { flat = 1, up = [0, 0, 1] } = {}) {
  const e = 1e-3;
  return (u, v) => {
    const direction = normalize(subtract(path(Math.min(1, v + e)), path(Math.max(0, v - e))));
    const side = normalize(cross(direction, up));
    const other = cross(side, direction);
    const r = Math.max(radius(v), 1e-5);
    return add(path(v), add(scale(side, Math.cos(u * TURN) * r), scale(other, Math.sin(u * TURN) * r * flat)));
  };
}

export function tube(path, radius, { columns, rows, ...shape }) {
  const point = tubePoint(path, radius, shape);
  return patch(point, { columns, rows, closed: true, outward: (u, v) => subtract(point(u, v), path(v)) });
}

export function ball(centre, [rx, ry, rz], columns = 8, rows = 5) {
  const direction = (u, v) => [
    Math.sin(v * Math.PI) * Math.cos(u * TURN),
    Math.cos(v * Math.PI),
    Math.sin(v * Math.PI) * Math.sin(u * TURN),
  ];
  const point = (u, v) => {
    const d = direction(u, v);
    return [centre[0] + rx * d[0], centre[1] + ry * d[1], centre[2] + rz * d[2]];
  };
  return patch(point, { columns, rows, closed: true, outward: direction });
}

/** A ring about +y, radii `rx` and `rz`, of thickness `r` (× `tall` in y), turned by the matrix `frame`. */
export function ring(centre, { rx, rz = rx, r, tall = 1, frame = null, columns = 32, rows = 7 }) {
  const placed = (q) => (frame ? rotate(frame, q) : q);
  const point = (u, v) => {
    const out = r * Math.cos(v * TURN);
    const q = [Math.sin(u * TURN) * (rx + out), r * tall * Math.sin(v * TURN), Math.cos(u * TURN) * (rz + out)];
    return add(centre, placed(q));
  };
  const outward = (u, v) =>
    placed([Math.sin(u * TURN) * Math.cos(v * TURN), Math.sin(v * TURN), Math.cos(u * TURN) * Math.cos(v * TURN)]);
  return patch(point, { columns, rows, closed: true, outward });
}
