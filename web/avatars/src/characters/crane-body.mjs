// The crane's body: trunk, tail, scarf, legs, and wings that are arms.
import { ellipsoid, flatten, roundCone, sphere, union } from "../shape/field.mjs";
import { patch, surface, tube } from "../shape/mesh.mjs";
import { add, along, clamp, curve, DEGREES, lerp, mix, normalize, scale, smoothstep, TURN } from "../shape/math.mjs";
import { armOf } from "./arms.mjs";

const SIDES = [1, -1];

const trunk = union(
  0.1,
  ellipsoid([0, 0.41, -0.03], [0.168, 0.168, 0.175], [-12, 0, 0]),
  roundCone([0, 0.49, -0.015], [0, 0.7, 0.005], 0.112, 0.078),
);

export function addBody(character, { palette, coarseness }) {
  const context = { palette, coarseness };
  character.add({
    name: "trunk",
    geometry: surface(trunk, {
      min: [-0.24, 0.2, -0.27],
      max: [0.24, 0.79, 0.2],
      cell: 0.0165 * coarseness,
      keep: 0.35,
      error: 0.006,
    }),
    colour: (p, n) => {
      const back = mix(palette.grey, palette.greyLight, smoothstep(0.48, 0.64, p[1]));
      return mix(back, palette.belly, smoothstep(0.3, 0.9, n[2]) * smoothstep(0.6, 0.44, p[1]) * 0.9);
    },
    skin: character.rig.near(["hips", "spine", "chest", "neck", "head"]),
  });
  addTail(character, context);
  addScarf(character, context);
  for (const side of SIDES) {
    addLeg(character, side, context);
    addWing(character, side, context);
  }
  return { trunk };
}

function addTail(character, { palette }) {
  for (const [length, height, tint, count] of [
    [0.17, 0, palette.cap, 5],
    [0.12, 0.0176, palette.maroon, 4],
    [0.085, 0.0336, palette.feather, 3],
  ])
    for (let k = 0; k < count; k++) {
      const i = k - (count - 1) / 2;
      const direction = normalize([Math.sin(i * 17 * DEGREES) * 0.8, 0.22 - Math.abs(i) * 0.05, -1]);
      const root = [i * 0.024, 0.385 + height, -0.165];
      const tip = along(root, direction, length - Math.abs(i) * 0.012);
      const path = curve(root, add(mix(root, tip, 0.5), [0, 0.02, 0]), tip);
      const radius = (t) => (t > 0.999 ? 0 : 0.03 * Math.sin(Math.PI * clamp(0.16 + t * 0.84)) ** 0.6);
      character.add({
        name: "tail feather",
        geometry: tube(path, radius, { columns: 7, rows: 6, flat: 0.34, up: [0, 1, 0.01] }),
        colour: (p, n, [, v]) => mix(tint, palette.grey, smoothstep(0.5, 0.1, v) * 0.6),
        skin: "tail",
      });
    }
}

function addScarf(character, { palette, coarseness }) {
  const skin = character.rig.near(["chest", "neck"], 3);
  const band = (u, v) => {
    const [a, b] = [u * TURN, v * TURN];
    const r = 0.101 + 0.03 * Math.cos(b) * (1 + 0.04 * Math.sin(a * 3));
    return [Math.sin(a) * r, 0.6 + 0.026 * Math.sin(b) - 0.01 * Math.cos(a), Math.cos(a) * r * 0.98 - 0.002];
  };
  character.add({
    name: "scarf",
    geometry: patch(band, {
      columns: 36,
      rows: 9,
      closed: true,
      outward: (u, v) => [
        Math.sin(u * TURN) * Math.cos(v * TURN),
        Math.sin(v * TURN),
        Math.cos(u * TURN) * Math.cos(v * TURN),
      ],
    }),
    colour: palette.scarf,
    skin,
  });
  character.add({
    name: "scarf knot",
    geometry: surface(ellipsoid([0.052, 0.588, 0.118], [0.027, 0.024, 0.022]), {
      min: [0.01, 0.55, 0.08],
      max: [0.1, 0.63, 0.16],
      cell: 0.011 * coarseness,
      keep: 0.7,
      error: 0.004,
    }),
    colour: palette.knot,
    skin,
  });
  for (const [dx, dz, length] of [
    [0.03, 0.028, 0.105],
    [0.075, 0.015, 0.085],
  ]) {
    const root = [0.052, 0.58, 0.12];
    const end = [0.03 + dx * 0.9, 0.58 - length, 0.135 + dz * 0.3];
    const path = curve(root, add(mix(root, end, 0.5), [0, 0.01, 0.03]), end);
    character.add({
      name: "scarf end",
      geometry: tube(path, (t) => (t > 0.999 ? 0 : lerp(0.014, 0.03, t)), { columns: 9, rows: 12, flat: 0.38 }),
      colour: (p, n, [, v]) => {
        if (v > 0.86) return palette.gold;
        return v > 0.7 && v < 0.8 ? palette.feather : palette.scarf;
      },
      skin: "chest",
    });
  }
}

const thigh = (side) => ellipsoid([0.075 * side, 0.278, -0.012], [0.056, 0.058, 0.06]);

function addLeg(character, side, { palette, coarseness }) {
  const { rig } = character;
  const letter = side > 0 ? "L" : "R";
  const [hip, knee, ankle] = [
    [0.072 * side, 0.29, -0.01],
    [0.076 * side, 0.16, 0.008],
    [0.08 * side, 0.024, 0],
  ];
  const toe = (x, y, z, radius) => roundCone(ankle, [x * side, y, z], 0.02, radius);
  const leg = union(
    0.02,
    roundCone(hip, knee, 0.034, 0.017),
    sphere([0.076 * side, 0.16, 0.008], 0.021),
    roundCone(knee, [0.08 * side, 0.03, 0], 0.017, 0.015),
    toe(0.08, 0.018, 0.088, 0.017),
    toe(0.127, 0.017, 0.066, 0.016),
    toe(0.033, 0.017, 0.066, 0.016),
    toe(0.08, 0.016, -0.048, 0.013),
  );
  const [left, right] = side > 0 ? [-0.01, 0.16] : [-0.16, 0.01];
  character.add({
    name: "leg",
    geometry: surface(leg, {
      min: [left, -0.01, -0.1],
      max: [right, 0.36, 0.13],
      cell: 0.011 * coarseness,
      keep: 0.5,
      error: 0.003,
    }),
    colour: (p) => mix(palette.leg, palette.grey, smoothstep(0.24, 0.29, p[1])),
    skin: rig.near([`upperLeg${letter}`, `lowerLeg${letter}`, `foot${letter}`], 6),
    hiddenIn: [thigh(side)],
  });
  character.add({
    name: "thigh",
    geometry: surface(thigh(side), {
      min: [0.075 * side - 0.08, 0.2, -0.1],
      max: [0.075 * side + 0.08, 0.36, 0.08],
      cell: 0.015 * coarseness,
      keep: 0.35,
      error: 0.008,
    }),
    colour: (p) => mix(palette.belly, palette.grey, smoothstep(0.235, 0.27, p[1])),
    skin: rig.near(["hips", `upperLeg${letter}`], 3),
    hiddenIn: [trunk],
  });
}

function addWing(character, side, context) {
  const { palette, coarseness } = context;
  const { rig } = character;
  const arm = armOf(rig, side);
  const { letter, shoulder, elbow, wrist, lower, box } = arm;
  const shape = flatten(
    union(0.04, roundCone(shoulder, elbow, 0.057, 0.05), roundCone(elbow, along(wrist, lower, -0.01), 0.05, 0.04)),
    shoulder[2],
    0.74,
  );
  character.add({
    name: "wing",
    geometry: surface(shape, {
      ...box([0.06, 0.16, -0.09], [0.5, 0.66, 0.1]),
      cell: 0.014 * coarseness,
      keep: 0.45,
      error: 0.005,
    }),
    colour: (p) => mix(palette.grey, palette.greyDark, smoothstep(0.5, 0.4, p[1]) * 0.5),
    skin: rig.near(["chest", `upperArm${letter}`, `lowerArm${letter}`, `hand${letter}`], 5),
  });
  addSleeves(character, arm, context);
  addHand(character, arm, context);
}

/** Two layers of scalloped feathers at the wrist, white over gold. */
function addSleeves(character, { letter, hand }, { palette }) {
  const SCALLOPS = 7;
  for (const { start, length, from, to, tint, phase } of [
    { start: -0.06, length: 0.072, from: 0.049, to: 0.057, tint: palette.gold, phase: Math.PI / 4 },
    { start: -0.085, length: 0.068, from: 0.051, to: 0.06, tint: palette.feather, phase: 0 },
  ]) {
    const OUTSIDE_END = 0.72; // of v: the outside, then back inside
    const point = (u, v) => {
      const a = u * TURN;
      const reach = length + 0.02 * Math.abs(Math.sin((a * SCALLOPS) / 2 + phase)) - 0.006;
      const t = v < OUTSIDE_END ? v / OUTSIDE_END : 1 - ((v - OUTSIDE_END) / (1 - OUTSIDE_END)) * 0.5;
      const inset = v < OUTSIDE_END ? 0 : 0.006 * smoothstep(OUTSIDE_END, 0.8, v);
      const r = lerp(from, to, t * t) - inset;
      return hand(start + reach * t, Math.cos(a) * r, Math.sin(a) * r * 0.78);
    };
    const outward = (u, v) => {
      if (v > 0.7) return [0, 0, 0];
      const [middle, rim] = [hand(0, 0), hand(0, Math.cos(u * TURN), Math.sin(u * TURN))];
      return add(rim, scale(middle, -1));
    };
    character.add({
      name: "sleeve",
      geometry: patch(point, { columns: 28, rows: 8, closed: true, outward }),
      colour: tint,
      occlusion: 0.7,
      skin: character.rig.near([`lowerArm${letter}`, `hand${letter}`], 5),
    });
  }
}

/** Three feathers as fingers, and a thumb. */
function addHand(character, { letter, wrist, hand, alongHand }, { palette, coarseness }) {
  const around = (centre, size) => ({ min: add(centre, scale(size, -1)), max: add(centre, size) });
  const fingers = flatten(
    union(
      0.016,
      ellipsoid(hand(0.028, 0), [0.04, 0.04, 0.036]),
      roundCone(hand(0.05, -0.022), hand(0.122, -0.036), 0.0195, 0.0145),
      roundCone(hand(0.052, 0.002), hand(0.138, 0.006), 0.0205, 0.015),
      roundCone(hand(0.05, 0.026), hand(0.118, 0.046), 0.0195, 0.0135),
    ),
    wrist[2],
    0.82,
  );
  character.add({
    name: "fingers",
    geometry: surface(fingers, {
      ...around(hand(0.07, 0), [0.13, 0.13, 0.08]),
      cell: 0.0095 * coarseness,
      keep: 0.55,
      error: 0.003,
    }),
    colour: (p) => mix(palette.cheek, palette.featherTip, smoothstep(0.08, 0.118, alongHand(p))),
    skin: (p) => {
      const out = smoothstep(0.035, 0.075, alongHand(p));
      return [
        [`hand${letter}`, 1 - out],
        [`fingers${letter}`, out],
      ];
    },
  });
  character.add({
    name: "thumb",
    geometry: surface(roundCone(hand(0.018, -0.03, 0.01), hand(0.062, -0.066, 0.02), 0.0195, 0.015), {
      ...around(hand(0.045, -0.045), [0.09, 0.09, 0.07]),
      cell: 0.0105 * coarseness,
      keep: 0.65,
      error: 0.003,
    }),
    colour: palette.cheek,
    skin: `hand${letter}`,
  });
}
