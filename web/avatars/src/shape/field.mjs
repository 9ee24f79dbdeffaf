// Signed-distance fields: functions of three numbers that give metres to a
// surface, negative inside. They take numbers and not vectors because a build
// asks them several million times.
import { normalize, rotation } from "./math.mjs";

/** @typedef {(x: number, y: number, z: number) => number} Field */

/** Calls `f` with the point moved to the origin at `centre` and turned back by `degrees`. */
function local([cx, cy, cz], degrees, f) {
  if (!degrees) return (x, y, z) => f(x - cx, y - cy, z - cz);
  const m = rotation(degrees);
  return (x, y, z) => {
    const [px, py, pz] = [x - cx, y - cy, z - cz];
    return f(m[0] * px + m[3] * py + m[6] * pz, m[1] * px + m[4] * py + m[7] * pz, m[2] * px + m[5] * py + m[8] * pz);
  };
}

export const sphere = (centre, radius) => local(centre, null, (x, y, z) => Math.hypot(x, y, z) - radius);

/** Exact at the surface, a good estimate near it. */
export function ellipsoid(centre, [rx, ry, rz], degrees = null) {
  const smallest = Math.min(rx, ry, rz);
  return local(centre, degrees, (x, y, z) => {
    const k0 = Math.hypot(x / rx, y / ry, z / rz);
    const k1 = Math.hypot(x / (rx * rx), y / (ry * ry), z / (rz * rz));
    return k1 < 1e-9 ? -smallest : (k0 * (k0 - 1)) / k1;
  });
}

/** Two spheres of radius `ra` at `a` and `rb` at `b`, and the cone that touches both. */
export function roundCone(a, b, ra, rb) {
  const [bx, by, bz] = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
  const l2 = bx * bx + by * by + bz * bz;
  const rr = ra - rb;
  const a2 = l2 - rr * rr;
  return (x, y, z) => {
    const [px, py, pz] = [x - a[0], y - a[1], z - a[2]];
    const h = px * bx + py * by + pz * bz;
    const beyond = h - l2;
    const [tx, ty, tz] = [px * l2 - bx * h, py * l2 - by * h, pz * l2 - bz * h];
    const x2 = tx * tx + ty * ty + tz * tz;
    const k = Math.sign(rr) * rr * rr * x2;
    if (Math.sign(beyond) * a2 * beyond * beyond * l2 > k) return Math.sqrt(x2 + beyond * beyond * l2) / l2 - rb;
    if (Math.sign(h) * a2 * h * h * l2 < k) return Math.sqrt(x2 + h * h * l2) / l2 - ra;
    return (Math.sqrt((x2 * a2) / l2) + h * rr) / l2 - ra;
  };
}

/** All that lies against `direction` from the plane through `point`. */
export function halfSpace(direction, [px, py, pz]) {
  const [nx, ny, nz] = normalize(direction);
  return (x, y, z) => (x - px) * nx + (y - py) * ny + (z - pz) * nz;
}

/** The smaller of two distances, rounded over `k` metres where they meet. */
function smoothMin(a, b, k) {
  if (k <= 0) return Math.min(a, b);
  const h = Math.max(k - Math.abs(a - b), 0) / k;
  return Math.min(a, b) - (h * h * k) / 4;
}

export const union =
  (k, first, ...others) =>
  (x, y, z) => {
    let d = first(x, y, z);
    for (const f of others) d = smoothMin(d, f(x, y, z), k);
    return d;
  };

export const intersection = (k, a, b) => (x, y, z) => -smoothMin(-a(x, y, z), -b(x, y, z), k);
export const difference = (k, a, b) => (x, y, z) => -smoothMin(-a(x, y, z), b(x, y, z), k);

/** `f` made thinner in z about the plane z = `z0`. */
export const flatten = (f, z0, factor) => (x, y, z) => f(x, y, (z - z0) / factor + z0) * factor;

export const at = (f, p) => f(p[0], p[1], p[2]);

/** The direction in which `f` grows fastest, times how fast (about 1). */
export function gradient(f, [x, y, z], step = 5e-4) {
  const s = 1 / (2 * step);
  return [
    (f(x + step, y, z) - f(x - step, y, z)) * s,
    (f(x, y + step, z) - f(x, y - step, z)) * s,
    (f(x, y, z + step) - f(x, y, z - step)) * s,
  ];
}

export const normalAt = (f, p) => normalize(gradient(f, p));

/** The surface's point near `p`, lifted by `lift` metres. */
export function project(f, p, lift = 0, rounds = 10) {
  let q = p;
  for (let i = 0; i < rounds; i++) {
    const d = at(f, q) - lift;
    const n = normalAt(f, q);
    q = [q[0] - n[0] * d, q[1] - n[1] * d, q[2] - n[2] * d];
  }
  return q;
}
