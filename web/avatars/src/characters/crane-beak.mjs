// The crane's beak: two shells on a hinge, their insides, the skin between them
// at the corners, and the tongue. At rest the beak is a little open, so that PP
// is seen to close it.
import { ball, patch } from "../shape/mesh.mjs";
import { add, DEGREES, lerp, mix, smoothstep, subtract, TURN } from "../shape/math.mjs";
import { VISEMES } from "../morphs.mjs";

/**
 * @typedef {object} Pose
 * @property {number} jaw degrees that the lower beak is open
 * @property {number} lift degrees that the upper beak rises
 * @property {number} width
 * @property {number} length
 * @property {number} smile how far the corners rise, 1 is a smile
 * @property {number} sad how far they fall
 * @property {number} press both halves flattened onto each other, 0 to 1
 * @property {number} tuck lower tip under the upper, 0 to 1
 * @property {number} tongueUp
 * @property {number} tongueOut
 */

/** @type {Pose} */
const REST = { jaw: 2.4, lift: 0, width: 1, length: 1, smile: 0, sad: 0, press: 0, tuck: 0, tongueUp: 0, tongueOut: 0 };

/** @type {Record<string, Partial<Pose>>} */
const POSES = {
  viseme_sil: {},
  viseme_PP: { jaw: 0, lift: -1.5, width: 1.1, length: 0.9, press: 1, smile: -0.25 },
  viseme_FF: { jaw: 5, length: 0.97, width: 1.02, tuck: 1 },
  viseme_TH: { jaw: 9, tongueUp: 0.3, tongueOut: 1, lift: 1 },
  viseme_DD: { jaw: 8, tongueUp: 1, lift: 1 },
  viseme_kk: { jaw: 11, tongueUp: -0.3, lift: 1.5 },
  viseme_CH: { jaw: 9, width: 0.82, length: 1.06, lift: 2 },
  viseme_SS: { jaw: 4.5, width: 1.08, length: 0.97 },
  viseme_nn: { jaw: 7, tongueUp: 1, lift: 1 },
  viseme_RR: { jaw: 9, width: 0.88, length: 1.03, tongueUp: 0.5 },
  viseme_aa: { jaw: 25, lift: 5 },
  viseme_E: { jaw: 15, width: 1.08, length: 0.97, lift: 3 },
  viseme_I: { jaw: 9, width: 1.14, length: 0.95, smile: 0.35, lift: 1.5 },
  viseme_O: { jaw: 19, width: 0.78, lift: 3 },
  viseme_U: { jaw: 12, width: 0.64, length: 1.06, lift: 2 },
  jawOpen: { jaw: 25, lift: 4 },
  smile: { smile: 1, jaw: 6 },
  sad: { sad: 1, jaw: 1 },
};

const ROOT_Z = 0.118;
const LENGTH = 0.15;
const HALF_WIDTH = 0.061;
const HINGE = [0, 0.758, 0.1];
const LOWER_SHARE = 0.93; // the lower beak's length and width, of the upper's

const THROAT = 0.36; // where a wall hides the cheeks behind the beak, of its length
const NOSTRIL = { u: 1 / 3, t: 0.4 };

/** The patches' point functions in one pose; t runs from root to tip, e from −1 to 1 across. */
function points(pose) {
  const { jaw, lift, smile, sad, press, tuck, tongueUp, tongueOut } = pose;
  const length = LENGTH * pose.length;
  const halfWidth = (t) =>
    HALF_WIDTH * (1 - t ** 1.75) ** 0.72 * lerp(1, pose.width, smoothstep(0, 0.55, t) * 0.75 + 0.25);
  const mouthLine = (t, e) =>
    0.757 - 0.012 * t - 0.014 * t ** 3 + (0.016 + 0.02 * smile - 0.022 * sad) * (1 - t) ** 2.2 * e * e;
  const upperHeight = (t) => 0.044 * (1 - t ** 1.7) ** 0.62 * (1 - 0.16 * press);
  const lowerHeight = (t) => 0.0235 * (1 - t * t) ** 0.55 * (1 + 0.3 * press);
  const upperZ = (t) => ROOT_Z + length * t;
  const lowerZ = (t) => ROOT_Z + length * LOWER_SHARE * t - tuck * 0.008 * t;
  /** Turned about the hinge, downwards. */
  const open = (p, degrees) => {
    const [x, y, z] = subtract(p, HINGE);
    const [c, s] = [Math.cos(degrees * DEGREES), Math.sin(degrees * DEGREES)];
    return add(HINGE, [x, y * c - z * s, y * s + z * c]);
  };
  const lowerEdge = (t, e) => [
    halfWidth(t) * LOWER_SHARE * e,
    mouthLine(t * LOWER_SHARE, e) - 0.0012 + tuck * 0.003 * t,
    lowerZ(t),
  ];
  const corner = (side) => (u, v) => {
    const t = u * 0.75;
    const e = side * 0.985;
    const above = open([halfWidth(t) * e * 0.985, mouthLine(t, e) + 0.001, upperZ(t)], -lift);
    const below = open(lowerEdge(t, e), jaw);
    const q = mix(above, below, v);
    q[0] -= side * 0.007 * Math.sin(Math.PI * v) * smoothstep(0, 12, jaw);
    return q;
  };
  const palate = (u, t) => {
    const e = 1 - 2 * u;
    const y = mouthLine(t, e) + 0.004 * (1 - e * e) * Math.sin(Math.PI * t);
    return open([halfWidth(t) * e * 0.995, y, upperZ(t)], -lift);
  };
  const floor = (u, t) => {
    const e = 1 - 2 * u;
    const [x, y, z] = lowerEdge(t, e);
    return open([x * 0.99, y - 0.006 * (1 - e * e) * Math.sin(Math.PI * t), z], jaw);
  };
  return {
    palate,
    floor,
    throat: (u, v) => mix(palate(u, THROAT), floor(u, THROAT), v),
    upper: (u, t) => {
      const e = Math.cos(u * Math.PI);
      const y = mouthLine(t, e) + upperHeight(t) * Math.sin(u * Math.PI) ** 0.85;
      return open([halfWidth(t) * e, y, upperZ(t)], -lift);
    },
    lower: (u, t) => {
      const e = Math.cos(u * Math.PI);
      const [x, y, z] = lowerEdge(t, e);
      return open([x, y - lowerHeight(t) * Math.sin(u * Math.PI) ** 0.8, z], jaw);
    },
    tongue: (u, v) => {
      const reach = (1 - Math.cos(v * Math.PI)) / 2;
      const round = Math.sin(v * Math.PI);
      const y =
        0.749 -
        0.01 * reach +
        0.006 * Math.sin(u * TURN) * round +
        tongueUp * 0.017 * smoothstep(0.35, 1, reach) +
        tongueOut * 0.004 * reach;
      const x = Math.cos(u * TURN) * 0.026 * round * pose.width;
      return open([x, y, ROOT_Z + 0.02 + 0.09 * (1 + 0.3 * tongueOut) * reach], jaw * 0.92);
    },
    leftCorner: corner(1),
    rightCorner: corner(-1),
  };
}

export function addBeak(character, { place, palette }) {
  const rest = points(REST);
  const poses = Object.entries(POSES).map(([name, pose]) => [name, points({ ...REST, ...pose })]);
  const add = (name, options, colour, skin, occlusion) => {
    const geometry = patch(rest[name], options);
    const variants = Object.fromEntries(poses.map(([morph, shape]) => [morph, geometry.variant(shape[name])]));
    character.add({ mesh: "face", place, name: `beak ${name}`, geometry, variants, colour, skin, occlusion });
  };
  const upperColour = (p, n, [, t]) => mix(palette.beak, palette.beakDark, smoothstep(0.35, 0.95, t));
  add("upper", { columns: 16, rows: 11, outward: [0, 1, 0] }, upperColour, "head", 0.6);
  add("palate", { columns: 8, rows: 8, outward: [0, -1, 0] }, palette.mouth, "head", 0);
  add("lower", { columns: 14, rows: 10, outward: [0, -1, 0] }, palette.beakDark, "jaw", 0.6);
  add("floor", { columns: 8, rows: 8, outward: [0, 1, 0] }, palette.mouth, "jaw", 0);
  add("leftCorner", { columns: 7, rows: 4, outward: [1, 0, 0] }, palette.mouth, "head", 0);
  add("rightCorner", { columns: 7, rows: 4, outward: [-1, 0, 0] }, palette.mouth, "head", 0);
  add("throat", { columns: 8, rows: 2, outward: [0, 0, 1] }, palette.throat, "head", 0);
  add(
    "tongue",
    { columns: 10, rows: 7, closed: true, outward: (u) => [Math.cos(u * TURN), Math.sin(u * TURN), 0] },
    palette.tongue,
    "jaw",
    0,
  );
  for (const u of [NOSTRIL.u, 1 - NOSTRIL.u]) {
    const nostril = (shape) => ball(shape.upper(u, NOSTRIL.t), [0.0065, 0.0038, 0.009]);
    character.add({
      mesh: "face",
      place,
      name: "nostril",
      geometry: nostril(rest),
      variants: Object.fromEntries(poses.map(([morph, shape]) => [morph, nostril(shape)])),
      colour: palette.nostril,
      occlusion: 0,
      skin: "head",
    });
  }
}

/** Cheeks and wattle give way to an opening beak. */
export const dropDeformations = (amount = 1) => {
  const drop = (degrees) => (p) => {
    const share = smoothstep(0.775, 0.7, p[1]) * smoothstep(0.02, 0.13, p[2]) * degrees * amount;
    return [0, -share * 0.0006, -share * 0.0001];
  };
  const result = { jawOpen: drop(POSES.jawOpen.jaw) };
  for (const name of VISEMES) {
    const { jaw } = POSES[`viseme_${name}`];
    if (jaw) result[`viseme_${name}`] = drop(jaw);
  }
  return result;
};

/** How far the beak is open at rest and in a pose, in degrees. */
export const beakGap = (name) => {
  const gap = (pose) => pose.jaw + pose.lift;
  return [gap(REST), gap({ ...REST, ...POSES[name] })];
};
