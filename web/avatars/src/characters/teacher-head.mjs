// The teacher's head: skull, face, hair and head wrap, in the head's own space.
import { at, ellipsoid, halfSpace, intersection, union } from "../shape/field.mjs";
import { ball, patch, ring, surface, tube } from "../shape/mesh.mjs";
import {
  add,
  along,
  clamp,
  cross,
  curve,
  DEGREES,
  dot,
  mix,
  normalize,
  rotation,
  scale,
  smoothstep,
  subtract,
  TURN,
} from "../shape/math.mjs";
import { addEye } from "./eyes.mjs";
import { addMouth, headWithMouth, MOUTH_Y, skinDeformations, surfaceDepth } from "./teacher-mouth.mjs";

const SIDES = [1, -1];
const SKIN_OCCLUSION = 0.7;

const skull = union(
  0.05,
  ellipsoid([0, 0.945, -0.004], [0.182, 0.178, 0.172]),
  ellipsoid([0, 0.862, 0.03], [0.142, 0.112, 0.128]),
  ellipsoid([0, 0.8, 0.05], [0.06, 0.04, 0.06]),
);
const face = union(0.022, skull, ellipsoid([0, 0.905, 0.174], [0.026, 0.019, 0.022]));

const hair = intersection(
  0.014,
  union(0.03, ellipsoid([0, 0.952, -0.012], [0.19, 0.182, 0.174]), ellipsoid([0, 0.9, -0.05], [0.165, 0.12, 0.125])),
  halfSpace([0, -0.3, 0.95], [0, 0.95, 0.026]),
);

// The wrap ends in a plane that rises towards the forehead.
const WRAP_UP = normalize([0, 0.88, -0.47]);
const WRAP_EDGE = [0, 1.034, 0.1];
const WRAP_CENTRE = [0, 0.985, -0.018];
const wrapDome = union(
  0.04,
  ellipsoid(WRAP_CENTRE, [0.202, 0.2, 0.192], [-12, 0, 0]),
  ellipsoid([0, 1.07, -0.055], [0.165, 0.12, 0.15], [-25, 0, 0]),
);
const wrap = intersection(0.02, wrapDome, halfSpace(scale(WRAP_UP, -1), WRAP_EDGE));

/**
 * @param {import("../character.mjs").Character} character
 * @returns {{ skull: Function, wrap: Function }} fields in the character's space
 */
export function addHead(character, { place, palette, coarseness }) {
  const fields = { skull: place.field(skull), wrap: place.field(wrap), hair: place.field(hair) };
  const skinColour = (p) => {
    const cheek = Math.hypot((Math.abs(p[0]) - 0.112) / 1.15, p[1] - 0.868, (p[2] - 0.12) * 0.8);
    const blushed = mix(palette.skin, palette.blush, smoothstep(0.055, 0, cheek) * 0.55);
    const nose = p[2] > 0.17 ? smoothstep(0.035, 0, Math.hypot(p[0], p[1] - 0.905)) * 0.3 : 0;
    return mix(blushed, palette.blush, nose);
  };
  const context = { place, palette, coarseness, fields, skinColour };
  addSkull(character, context);
  addMouth(character, { head: skull, place, skinColour, palette, occlusion: SKIN_OCCLUSION });
  for (const side of SIDES) {
    addEar(character, side, context);
    addTeacherEye(character, side, context);
  }
  addWrap(character, context);
  return fields;
}

function addSkull(character, { place, coarseness, fields, skinColour }) {
  const front = surfaceDepth(skull)(0, MOUTH_Y);
  const { geometry, occlusion } = headWithMouth(face, front, SKIN_OCCLUSION, {
    min: [-0.22, 0.7, -0.2],
    max: [0.22, 1.15, 0.23],
    cell: 0.0135 * coarseness,
    keep: 0.6,
    error: 0.002,
  });
  character.add({
    mesh: "face",
    place,
    name: "head",
    geometry,
    colour: skinColour,
    occlusion,
    skin: "head",
    deform: skinDeformations(),
    hiddenIn: [fields.wrap, fields.hair],
  });
}

function addEar(character, side, { place, palette, coarseness, fields }) {
  const x = 0.183 * side;
  const ear = union(0.01, ellipsoid([x, 0.902, -0.012], [0.024, 0.04, 0.03], [0, 18 * side, 8 * side]));
  character.add({
    mesh: "face",
    place,
    name: "ear",
    geometry: surface(ear, {
      min: [x - 0.045, 0.84, -0.07],
      max: [x + 0.045, 0.97, 0.05],
      cell: 0.0115 * coarseness,
      keep: 0.7,
      error: 0.003,
    }),
    colour: mix(palette.skin, palette.blush, 0.12),
    skin: "head",
    hiddenIn: [fields.skull],
  });
  character.add({
    place,
    name: "earring",
    geometry: ring([0.193 * side, 0.842, -0.008], {
      rx: 0.021,
      r: 0.0052,
      frame: rotation([0, 0, 90]),
      columns: 20,
      rows: 6,
    }),
    colour: palette.gold,
    occlusion: 0,
    skin: "head",
  });
}

function addTeacherEye(character, side, { place, palette, skinColour }) {
  addEye(character, {
    side,
    place,
    centre: [0.082 * side, 0.938, 0.128],
    radii: [0.05, 0.062, 0.04],
    yaw: 20,
    pitch: -3,
    skin: face,
    skinColour,
    look: {
      ...palette,
      gazeIn: 0.006,
      irisRadii: [0.0375, 0.043],
      pupilRadii: [0.023, 0.0275],
      highlights: [
        { offset: [0.012, 0.0155], radii: [0.009, 0.0102], tint: palette.highlight },
        { offset: [-0.012, -0.017], radii: [0.0042, 0.0045], tint: palette.highlightWarm },
      ],
      lashRadius: 0.005,
    },
    lids: {
      size: [1.07, 1.06, 1.14],
      blinkDepth: 0.66,
      occlusion: SKIN_OCCLUSION,
      upper: { rest: [-40, 6], blink: 32, squint: -20, wide: -60, sad: [-26, 14] },
      lower: { rest: 60, blink: 33, squint: 42, wide: 76 },
      wing: true,
    },
    brow: {
      points: [
        [-0.038, 0.074, 0.03],
        [0.006, 0.108, 0.03],
        [0.06, 0.066, 0],
      ],
      lift: 0.002,
      radius: 0.0072,
      flat: 0.7,
      bluntness: 0.8,
      taper: (t) => clamp(0.16 + 0.8 * t),
      occlusion: 0,
      states: { browInnerUp: [0.01, -0.018], browUp: [0.02, 0], browDown: [-0.01, 0.013], sad: [0.004, -0.018] },
    },
  });
}

function addWrap(character, { place, palette, coarseness, fields }) {
  character.add({
    place,
    name: "hair",
    geometry: surface(hair, {
      min: [-0.24, 0.76, -0.23],
      max: [0.24, 1.16, 0.2],
      cell: 0.0165 * coarseness,
      keep: 0.25,
      error: 0.006,
    }),
    colour: palette.hair,
    occlusion: 0.7,
    skin: "head",
    hiddenIn: [fields.wrap, fields.skull],
  });
  character.add({
    place,
    name: "wrap",
    geometry: surface(wrap, {
      min: [-0.26, 0.78, -0.28],
      max: [0.26, 1.3, 0.26],
      cell: 0.0165 * coarseness,
      keep: 0.35,
      error: 0.006,
    }),
    colour: (p) => mix(palette.wrap, palette.wrapShade, smoothstep(1, 0.86, p[1]) * 0.5),
    occlusion: 0.9,
    skin: "head",
    hiddenIn: [fields.skull],
  });
  for (const [height, thick, out, tint] of [
    [0.008, 0.023, 0.002, palette.wrapBand],
    [0.044, 0.012, 0.002, palette.skirt],
    [0.064, 0.01, 0.001, palette.cream],
  ])
    character.add({
      place,
      name: "wrap band",
      geometry: wrapBand(height, thick, out),
      colour: tint,
      occlusion: 0.4,
      skin: "head",
    });
  addRosette(character, { place, palette });
}

/** A fold around the wrap, `height` metres above its edge. */
function wrapBand(height, thick, out) {
  const side = [1, 0, 0];
  const back = normalize(cross(WRAP_UP, side));
  const centre = along(WRAP_CENTRE, WRAP_UP, dot(subtract(WRAP_EDGE, WRAP_CENTRE), WRAP_UP) + height);
  const direction = (u) => add(scale(side, Math.sin(u * TURN)), scale(back, Math.cos(u * TURN)));
  const reach = (u) => {
    let [low, high] = [0.05, 0.35];
    for (let i = 0; i < 30; i++) {
      const middle = (low + high) / 2;
      if (at(wrapDome, along(centre, direction(u), middle)) < 0) low = middle;
      else high = middle;
    }
    return low;
  };
  const outward = (u, v) => add(scale(direction(u), Math.cos(v * TURN)), scale(WRAP_UP, Math.sin(v * TURN)));
  const point = (u, v) => {
    const onDome = along(centre, direction(u), reach(u) + out);
    const offset = add(
      scale(direction(u), Math.cos(v * TURN) * thick * 0.75),
      scale(WRAP_UP, Math.sin(v * TURN) * thick),
    );
    return add(onDome, offset);
  };
  return patch(point, { columns: 38, rows: 7, closed: true, outward });
}

/** The wrap's ends, knotted into leaves. */
function addRosette(character, { place, palette }) {
  const knot = [0.055, 1.115, 0.135];
  const skin = character.rig.near(["head", "crown"], 2);
  const leaf = (angle, size, width, depth, tint) => {
    const end = along(knot, normalize([Math.sin(angle * DEGREES), Math.cos(angle * DEGREES), depth]), size);
    const path = curve(add(knot, [0, 0, -0.008]), add(mix(knot, end, 0.55), [0, 0, 0.022]), end);
    const radius = (t) => width * Math.sin(Math.PI * clamp(0.14 + 0.86 * t)) ** 0.75;
    character.add({
      place,
      name: "leaf",
      geometry: tube(path, radius, { columns: 10, rows: 10, flat: 0.42 }),
      colour: (p, n, [, v]) => mix(palette.wrapBand, tint, smoothstep(0, 0.35, v)),
      occlusion: 0.7,
      skin,
    });
  };
  leaf(-62, 0.115, 0.036, -0.1, palette.wrap);
  leaf(58, 0.115, 0.036, -0.15, palette.wrap);
  leaf(-18, 0.135, 0.038, -0.25, palette.wrapBand);
  leaf(26, 0.125, 0.036, -0.28, palette.wrapLight);
  leaf(-100, 0.07, 0.028, 0, palette.wrapBand);
  leaf(104, 0.066, 0.026, -0.05, palette.wrapBand);
  character.add({
    place,
    name: "knot",
    geometry: ball(knot, [0.033, 0.03, 0.028], 14, 9),
    colour: palette.skirt,
    occlusion: 0.5,
    skin: "head",
  });
}
