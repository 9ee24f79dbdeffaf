// The crane's head: cap, cheeks, eyes, beak, wattle and crown, in the head's own space.
import { ellipsoid, union } from "../shape/field.mjs";
import { ball, surface, tube } from "../shape/mesh.mjs";
import { add, along, clamp, curve, DEGREES, lerp, mix, normalize, smoothstep } from "../shape/math.mjs";
import { addBeak, dropDeformations } from "./crane-beak.mjs";
import { addEye } from "./eyes.mjs";

const SIDES = [1, -1];

const skull = union(
  0.05,
  ellipsoid([0, 0.838, 0.005], [0.16, 0.142, 0.146]),
  ellipsoid([0, 0.8, 0.04], [0.148, 0.1, 0.1]),
);
const cheeks = union(
  0.035,
  ellipsoid([0.084, 0.776, 0.058], [0.094, 0.08, 0.098]),
  ellipsoid([-0.084, 0.776, 0.058], [0.094, 0.08, 0.098]),
  ellipsoid([0, 0.742, 0.065], [0.085, 0.062, 0.085]),
);

/** Cheeks pushed out, up to `metres`. */
const puff = (metres) => (p) => {
  const share = smoothstep(0.09, 0, Math.hypot(Math.abs(p[0]) - 0.12, p[1] - 0.755, p[2] - 0.1));
  return [Math.sign(p[0]) * metres * share, 0, metres * 0.4 * share];
};

const smileCheeks = (p) => {
  const share = smoothstep(0.075, 0, Math.hypot(Math.abs(p[0]) - 0.118, p[1] - 0.757, p[2] - 0.115));
  return [Math.sign(p[0]) * 0.012 * share, 0.02 * share, 0.012 * share];
};

export function addHead(character, { place, palette, coarseness }) {
  const fields = { skull: place.field(skull), cheeks: place.field(cheeks) };
  const capColour = (p, n) => mix(palette.cap, palette.capLight, smoothstep(0.3, 1, n[1]) * 0.55);
  const context = { place, palette, coarseness, fields, capColour };
  addSkull(character, context);
  addBeak(character, context);
  for (const side of SIDES) {
    addCraneEye(character, side, context);
    addRedPatch(character, side, context);
  }
  addWattle(character, context);
  addCrown(character, context);
  return fields;
}

function addSkull(character, { place, palette, coarseness, fields, capColour }) {
  const { rig } = character;
  character.add({
    mesh: "face",
    place,
    name: "head",
    geometry: surface(skull, {
      min: [-0.2, 0.64, -0.18],
      max: [0.2, 1, 0.19],
      cell: 0.0165 * coarseness,
      keep: 0.5,
      error: 0.005,
    }),
    colour: capColour,
    skin: "head",
    hiddenIn: [fields.cheeks],
  });
  character.add({
    mesh: "face",
    place,
    name: "cheeks",
    geometry: surface(cheeks, {
      min: [-0.2, 0.65, -0.06],
      max: [0.2, 0.9, 0.2],
      cell: 0.0135 * coarseness,
      keep: 0.7,
      error: 0.003,
    }),
    colour: (p) => {
      const blush = Math.hypot(Math.abs(p[0]) - 0.122, p[1] - 0.762, p[2] - 0.122) / 0.038;
      return mix(palette.cheek, palette.blush, smoothstep(1.3, 0.3, blush) * 0.8);
    },
    skin: rig.near(["head", "neck"], 3),
    deform: {
      ...dropDeformations(),
      viseme_PP: puff(0.013),
      smile: smileCheeks,
      cheekPuff: puff(0.02),
    },
    hiddenIn: [fields.skull],
  });
}

function addCraneEye(character, side, { place, palette, capColour }) {
  addEye(character, {
    side,
    place,
    centre: [0.077 * side, 0.848, 0.098],
    radii: [0.058, 0.067, 0.046],
    yaw: 20,
    pitch: -5,
    skin: skull,
    skinColour: capColour,
    look: {
      ...palette,
      gazeIn: 0.007,
      irisRadii: [0.04, 0.045],
      pupilRadii: [0.0255, 0.03],
      highlights: [
        { offset: [0.014, 0.018], radii: [0.0105, 0.0118], tint: palette.highlight },
        { offset: [-0.014, -0.019], radii: [0.005, 0.0053], tint: palette.highlightCool },
      ],
      lashRadius: 0.0042,
    },
    lids: {
      size: [1.06, 1.06, 1.22],
      blinkDepth: 0.8,
      occlusion: 1,
      upper: { rest: [-56, 5], blink: 15, squint: -34, wide: -76, sad: [-40, 16], angry: [-36, -18] },
      lower: { rest: 70, blink: 16, squint: 40, wide: 78 },
      wing: false,
    },
    brow: {
      points: [
        [-0.04, 0.078, 0.04],
        [0.006, 0.1, 0.04],
        [0.054, 0.074, 0.012],
      ],
      lift: 0.003,
      radius: 0.0095,
      flat: 0.8,
      bluntness: 0.5,
      taper: (t) => clamp(0.08 + 0.84 * t),
      occlusion: 0.3,
      states: {
        browInnerUp: [0.01, -0.02],
        browUp: [0.022, 0],
        browDown: [-0.012, 0.012],
        sad: [0.004, -0.02],
        angry: [-0.012, 0.018],
      },
    },
  });
}

/** The red patch behind a cheek. */
function addRedPatch(character, side, { place, palette, coarseness, fields }) {
  character.add({
    mesh: "face",
    place,
    name: "red patch",
    geometry: surface(ellipsoid([0.147 * side, 0.82, -0.012], [0.021, 0.026, 0.036], [25, 0, 0]), {
      min: [0.147 * side - 0.04, 0.77, -0.07],
      max: [0.147 * side + 0.04, 0.87, 0.04],
      cell: 0.0115 * coarseness,
      keep: 0.7,
      error: 0.004,
    }),
    colour: palette.red,
    skin: "head",
    hiddenIn: [fields.skull],
  });
}

function addWattle(character, { place, palette, coarseness, fields }) {
  const wattle = union(
    0.018,
    ellipsoid([0.012, 0.67, 0.108], [0.018, 0.034, 0.018], [0, 0, 8]),
    ellipsoid([-0.012, 0.67, 0.108], [0.018, 0.034, 0.018], [0, 0, -8]),
  );
  character.add({
    mesh: "face",
    place,
    name: "wattle",
    geometry: surface(wattle, {
      min: [-0.05, 0.61, 0.07],
      max: [0.05, 0.73, 0.15],
      cell: 0.0098 * coarseness,
      keep: 0.7,
      error: 0.003,
    }),
    colour: (p) => mix(palette.redDark, palette.red, smoothstep(0.65, 0.69, p[1])),
    skin: character.rig.near(["head", "neck"], 2),
    deform: dropDeformations(),
    hiddenIn: [fields.cheeks],
  });
}

const GOLDEN_ANGLE = 2.39996; // radians

function addCrown(character, { place, palette, coarseness, fields }) {
  const COUNT = 50;
  const SPREAD = 82; // degrees from the middle
  const centre = [0, 0.952, -0.05];
  for (let i = 0; i < COUNT; i++) {
    const r = Math.sqrt((i + 0.5) / COUNT);
    const [a, lean] = [i * GOLDEN_ANGLE, r * SPREAD * DEGREES];
    const direction = normalize([
      Math.sin(lean) * Math.cos(a) * 1.1,
      Math.cos(lean) + 0.08,
      Math.sin(lean) * Math.sin(a) * 0.8 - 0.18,
    ]);
    const length = 0.185 * (1 - 0.12 * r) * (1 + 0.07 * Math.sin(i * 7.3));
    const root = add(centre, [direction[0] * 0.03, -0.012, direction[2] * 0.026]);
    const tip = along(root, direction, length);
    const bend = add(along(root, direction, length / 2), [0, 0.03 * r, 0]);
    character.add({
      place,
      name: "crown feather",
      geometry: tube(curve(root, bend, tip), (t) => lerp(0.0055, 0.0022, t), { columns: 4, rows: 5 }),
      colour: (p, n, [, v]) => mix(palette.goldDark, palette.gold, smoothstep(0, 0.4, v)),
      occlusion: 0.5,
      skin: "crown",
    });
    character.add({
      place,
      name: "crown tip",
      geometry: ball(tip, [0.0072, 0.0072, 0.0072], 6, 4),
      colour: i % 4 === 0 ? palette.feather : palette.goldLight,
      occlusion: 0.2,
      skin: "crown",
    });
  }
  character.add({
    place,
    name: "crown root",
    geometry: surface(ellipsoid(add(centre, [0, -0.008, 0]), [0.058, 0.032, 0.052]), {
      min: [-0.1, 0.89, -0.14],
      max: [0.1, 1, 0.03],
      cell: 0.0145 * coarseness,
      keep: 0.7,
      error: 0.004,
    }),
    colour: palette.cap,
    skin: "head",
    hiddenIn: [fields.skull],
  });
}
