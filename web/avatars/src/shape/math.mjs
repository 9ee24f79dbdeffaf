// Vectors are [x, y, z] in metres (y up, the character faces +z); angles are
// degrees where a name ends in `Degrees` or a rotation is written as a list of
// three, radians elsewhere.

/** @typedef {[number, number, number]} Vec */

export const DEGREES = Math.PI / 180;
export const TURN = 2 * Math.PI;

export const add = (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const subtract = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const scale = (a, s) => [a[0] * s, a[1] * s, a[2] * s];
export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
export const length = (a) => Math.hypot(a[0], a[1], a[2]);
export const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

export function normalize(a) {
  const l = length(a) || 1;
  return [a[0] / l, a[1] / l, a[2] / l];
}

/** `from` plus `along` metres in the direction of the unit vector `direction`. */
export const along = (from, direction, metres) => add(from, scale(direction, metres));

export const lerp = (a, b, t) => a + (b - a) * t;
export const mix = (a, b, t) => a.map((v, i) => v + (b[i] - v) * t);
export const clamp = (x, low = 0, high = 1) => Math.min(high, Math.max(low, x));

/** 0 at `from`, 1 at `to` (which may be the smaller one), with flat ends. */
export function smoothstep(from, to, x) {
  const t = clamp((x - from) / (to - from));
  return t * t * (3 - 2 * t);
}

/** Row-major rotation about x, then y, then z, in degrees. */
export function rotation([xDegrees, yDegrees, zDegrees]) {
  const [a, b, c] = [xDegrees * DEGREES, yDegrees * DEGREES, zDegrees * DEGREES];
  const [cx, sx, cy, sy, cz, sz] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b), Math.cos(c), Math.sin(c)];
  return [
    cz * cy,
    cz * sy * sx - sz * cx,
    cz * sy * cx + sz * sx,
    sz * cy,
    sz * sy * sx + cz * cx,
    sz * sy * cx - cz * sx,
    -sy,
    cy * sx,
    cy * cx,
  ];
}

export const rotate = (m, v) => [
  m[0] * v[0] + m[1] * v[1] + m[2] * v[2],
  m[3] * v[0] + m[4] * v[1] + m[5] * v[2],
  m[6] * v[0] + m[7] * v[1] + m[8] * v[2],
];

export const transpose = (m) => [m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]];

/** The rotation that turns +y into the unit vector `axis`, for rings about a limb. */
export function frameAbout(axis) {
  const side = normalize(cross([0, 0, 1], axis));
  const front = cross(side, axis);
  return [side[0], axis[0], front[0], side[1], axis[1], front[1], side[2], axis[2], front[2]];
}

/** Quadratic Bézier curve through `a` and `c`. */
export const curve = (a, b, c) => (t) => {
  const s = 1 - t;
  return [0, 1, 2].map((i) => s * s * a[i] + 2 * s * t * b[i] + t * t * c[i]);
};

/** An sRGB colour such as "#a8653c" as linear light, which is what glTF stores. */
export function colour(hex) {
  const value = parseInt(hex.slice(1), 16);
  return [16, 8, 0].map((shift) => {
    const c = ((value >> shift) & 255) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
}

// Quaternions are [x, y, z, w].

/** Rotation by x, then y, then z about the turned axes (three.js's "XYZ"), in degrees. */
export function quaternionFromEuler([x, y, z]) {
  const [c1, c2, c3] = [x, y, z].map((d) => Math.cos((d * DEGREES) / 2));
  const [s1, s2, s3] = [x, y, z].map((d) => Math.sin((d * DEGREES) / 2));
  return [
    s1 * c2 * c3 + c1 * s2 * s3,
    c1 * s2 * c3 - s1 * c2 * s3,
    c1 * c2 * s3 + s1 * s2 * c3,
    c1 * c2 * c3 - s1 * s2 * s3,
  ];
}

export function quaternionAbout(axis, degrees) {
  const s = Math.sin((degrees * DEGREES) / 2);
  return [axis[0] * s, axis[1] * s, axis[2] * s, Math.cos((degrees * DEGREES) / 2)];
}

/** First `b`, then `a`. */
export const multiply = (a, b) => [
  a[3] * b[0] + a[0] * b[3] + a[1] * b[2] - a[2] * b[1],
  a[3] * b[1] - a[0] * b[2] + a[1] * b[3] + a[2] * b[0],
  a[3] * b[2] + a[0] * b[1] - a[1] * b[0] + a[2] * b[3],
  a[3] * b[3] - a[0] * b[0] - a[1] * b[1] - a[2] * b[2],
];
