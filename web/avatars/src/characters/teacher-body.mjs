// The teacher's body: neck and necklace, blouse, skirt, legs, arms and hands.
import { ellipsoid, halfSpace, intersection, roundCone, union } from "../shape/field.mjs";
import { patch, ring, surface } from "../shape/mesh.mjs";
import {
  add,
  along,
  frameAbout,
  lerp,
  mix,
  normalize,
  rotate,
  rotation,
  scale,
  smoothstep,
  TURN,
} from "../shape/math.mjs";
import { armOf } from "./arms.mjs";

const SIDES = [1, -1];

const NECKLINE = [16, 0, 0]; // the necklace and the blouse's edge sink to the front
const NECKLINE_UP = rotate(rotation(NECKLINE), [0, 1, 0]);

const torso = intersection(
  0.012,
  union(
    0.05,
    ellipsoid([0, 0.585, -0.002], [0.105, 0.085, 0.072]),
    roundCone([0, 0.6, 0], [0, 0.47, 0], 0.082, 0.078),
    ellipsoid([0.09, 0.617, -0.002], [0.048, 0.036, 0.044]),
    ellipsoid([-0.09, 0.617, -0.002], [0.048, 0.036, 0.044]),
  ),
  halfSpace(NECKLINE_UP, [0, 0.645, 0]),
);

export function addBody(character, { palette, coarseness, head }) {
  const context = { palette, coarseness, head };
  addNeckAndTorso(character, context);
  addSkirt(character, context);
  for (const side of SIDES) {
    addLeg(character, side, context);
    addArm(character, side, context);
    addHand(character, side, context);
  }
  return { torso };
}

function addNeckAndTorso(character, { palette, coarseness, head }) {
  const { rig } = character;
  const neck = union(
    0.03,
    roundCone([0, 0.63, -0.005], [0, 0.77, 0], 0.054, 0.052),
    ellipsoid([0, 0.63, -0.002], [0.085, 0.035, 0.055]),
  );
  character.add({
    name: "neck",
    geometry: surface(neck, {
      min: [-0.12, 0.57, -0.1],
      max: [0.12, 0.84, 0.1],
      cell: 0.0155 * coarseness,
      keep: 0.4,
      error: 0.006,
    }),
    colour: palette.skin,
    occlusion: 0.9,
    skin: rig.near(["chest", "neck", "head"]),
    hiddenIn: [head.skull, torso],
  });
  character.add({
    name: "blouse",
    geometry: surface(torso, {
      min: [-0.18, 0.38, -0.12],
      max: [0.18, 0.7, 0.12],
      cell: 0.014 * coarseness,
      keep: 0.35,
      error: 0.006,
    }),
    colour: palette.top,
    occlusion: 0.8,
    skin: rig.near(["hips", "spine", "chest", "shoulderL", "shoulderR"]),
  });
  character.add({
    name: "belt",
    geometry: ring([0, 0.5, 0], { rx: 0.081, rz: 0.076, r: 0.017, tall: 1.3 }),
    colour: palette.gold,
    occlusion: 0.3,
    skin: rig.near(["hips", "spine"], 2),
  });
  const tilted = rotation(NECKLINE);
  for (const [radius, y, thick, tint] of [
    [0.06, 0.672, 0.0105, palette.skirt],
    [0.076, 0.66, 0.0095, palette.cream],
    [0.094, 0.652, 0.0115, palette.gold],
  ])
    character.add({
      name: "necklace",
      geometry: ring([0, y, 0.004], {
        rx: radius,
        rz: radius * 0.84,
        r: thick,
        tall: 0.85,
        frame: tilted,
        columns: 32,
        rows: 6,
      }),
      colour: tint,
      occlusion: 0.3,
      skin: rig.near(["chest", "neck"], 2),
    });
}

const WAIST_Y = 0.502;
const HEM_Y = 0.205;

/** The skirt's radius at `t` (0 waist, 1 hem) and angle `a`, with its folds. */
const skirtRadius = (t, a) =>
  lerp(0.083, 0.192, t ** 0.8) * (1 + 0.045 * t * Math.cos(a * 7) + 0.02 * t * Math.cos(a * 3 + 1));

const onSkirt = (a, t, lift) => {
  const r = skirtRadius(t, a) + lift;
  return [Math.sin(a) * r, lerp(WAIST_Y, HEM_Y, t), Math.cos(a) * r * 0.88];
};

/** The skirt follows the hips above and the thighs below. */
function skirtSkin(p) {
  const legs = 0.75 * smoothstep(0.46, 0.22, p[1]);
  const left = smoothstep(-0.1, 0.1, p[0]);
  return [
    ["hips", 1 - legs],
    ["upperLegL", legs * left],
    ["upperLegR", legs * (1 - left)],
  ];
}

function addSkirt(character, { palette }) {
  const outward = (u) => [Math.sin(u * TURN), 0.2, Math.cos(u * TURN)];
  const CLOTH_END = 0.86; // of v: the cloth, then its inside at the hem
  const cloth = (u, v) => {
    const a = u * TURN;
    if (v < CLOTH_END) return onSkirt(a, v / CLOTH_END, 0);
    const t = (v - CLOTH_END) / (1 - CLOTH_END);
    const r = skirtRadius(1, a) - 0.012 - 0.02 * t;
    return [Math.sin(a) * r, HEM_Y + 0.006 + 0.03 * t, Math.cos(a) * r * 0.88];
  };
  character.add({
    name: "skirt",
    geometry: patch(cloth, {
      columns: 42,
      rows: 14,
      closed: true,
      outward: (u, v) => (v < 0.85 ? outward(u) : [0, 0, 0]),
    }),
    colour: (p, n, [, v]) => (v > CLOTH_END + 0.01 ? palette.skirtInside : palette.skirt),
    occlusion: 0.7,
    skin: skirtSkin,
  });
  for (const [from, to, tint] of [
    [0.66, 0.9, palette.navy],
    [0.62, 0.655, palette.gold],
    [0.905, 0.94, palette.gold],
  ])
    character.add({
      name: "hem band",
      geometry: patch((u, v) => onSkirt(u * TURN, lerp(from, to, v), 0.002), {
        columns: 42,
        rows: 1,
        closed: true,
        outward,
      }),
      colour: tint,
      occlusion: 0.3,
      skin: skirtSkin,
    });
  addZigzag(character, palette);
}

/** Imigongo on the hem: triangles from above and below, as parts so that edges stay crisp. */
function addZigzag(character, palette) {
  const COUNT = 28;
  const LIFT = 0.004;
  const [positions, normals, triangles, tints] = [[], [], [], []];
  for (let i = 0; i < COUNT; i++) {
    const [a, b] = [(i / COUNT) * TURN, ((i + 1) / COUNT) * TURN];
    const middle = (a + b) / 2;
    const normal = normalize([Math.sin(middle), 0.3, Math.cos(middle)]);
    const triangle = (corners, tint) => {
      for (const [angle, t] of corners) {
        triangles.push(positions.length);
        positions.push(onSkirt(angle, t, LIFT));
        normals.push(normal);
        tints.push(tint);
      }
    };
    triangle([[a, 0.885], [b, 0.885], [middle, 0.775]], palette.cream); // prettier-ignore
    triangle([[b, 0.675], [a, 0.675], [middle, 0.785]], palette.wrap); // prettier-ignore
  }
  character.add({
    name: "zigzag",
    geometry: { positions, normals, triangles },
    colour: (p, n, uv, i) => tints[i],
    occlusion: 0,
    skin: skirtSkin,
  });
}

function addLeg(character, side, { palette, coarseness }) {
  const letter = side > 0 ? "L" : "R";
  const leg = union(
    0.02,
    roundCone([0.06 * side, 0.38, 0], [0.062 * side, 0.2, 0.004], 0.05, 0.036),
    roundCone([0.062 * side, 0.2, 0.004], [0.064 * side, 0.06, -0.006], 0.036, 0.026),
  );
  const [left, right] = side > 0 ? [0, 0.13] : [-0.13, 0];
  character.add({
    name: "leg",
    geometry: surface(leg, {
      min: [left, 0.02, -0.07],
      max: [right, 0.44, 0.07],
      cell: 0.0155 * coarseness,
      keep: 0.35,
      error: 0.006,
    }),
    colour: palette.skin,
    occlusion: 0.5,
    skin: character.rig.near([`upperLeg${letter}`, `lowerLeg${letter}`], 5),
  });
  const shoe = intersection(
    0.008,
    union(
      0.02,
      ellipsoid([0.066 * side, 0.03, 0.028], [0.036, 0.036, 0.066]),
      ellipsoid([0.065 * side, 0.04, -0.015], [0.032, 0.042, 0.036]),
    ),
    halfSpace([0, -1, 0], [0, 0.002, 0]),
  );
  character.add({
    name: "shoe",
    geometry: surface(shoe, {
      min: [left, -0.01, -0.08],
      max: [right, 0.11, 0.12],
      cell: 0.0125 * coarseness,
      keep: 0.4,
      error: 0.006,
    }),
    colour: palette.shoe,
    occlusion: 0.4,
    skin: `foot${letter}`,
  });
}

const SLEEVE_END = 0.084; // metres from the shoulder

function addArm(character, side, { palette, coarseness }) {
  const { rig } = character;
  const { letter, shoulder, elbow, wrist, upper, lower, box } = armOf(rig, side);
  const bounds = box([0.05, 0.36, -0.08], [0.36, 0.7, 0.08]);
  // Skin begins at the cuff: farther up it would come through the sleeve of a raised arm.
  const arm = intersection(
    0.004,
    union(0.02, roundCone(shoulder, elbow, 0.039, 0.035), roundCone(elbow, wrist, 0.035, 0.027)),
    halfSpace(scale(upper, -1), along(shoulder, upper, SLEEVE_END - 0.02)),
  );
  const sleeve = intersection(
    0.006,
    union(
      0.02,
      ellipsoid(along(shoulder, upper, 0.03), [0.056, 0.054, 0.052]),
      roundCone(shoulder, along(shoulder, upper, 0.06), 0.048, 0.052),
    ),
    halfSpace(upper, along(shoulder, upper, SLEEVE_END)),
  );
  character.add({
    name: "arm",
    geometry: surface(arm, { ...bounds, cell: 0.013 * coarseness, keep: 0.35, error: 0.006 }),
    colour: palette.skin,
    occlusion: 0.5,
    skin: rig.near([`upperArm${letter}`, `lowerArm${letter}`, `hand${letter}`], 6),
  });
  character.add({
    name: "sleeve",
    geometry: surface(sleeve, { ...bounds, cell: 0.0135 * coarseness, keep: 0.4, error: 0.006 }),
    colour: palette.top,
    occlusion: 0.6,
    skin: rig.near(["chest", `shoulder${letter}`, `upperArm${letter}`]),
    hiddenIn: [torso],
  });
  character.add({
    name: "cuff",
    geometry: ring(along(shoulder, upper, 0.08), { rx: 0.043, rz: 0.041, r: 0.01, frame: frameAbout(upper), columns: 24, rows: 6 }), // prettier-ignore
    colour: palette.gold,
    occlusion: 0.3,
    skin: `upperArm${letter}`,
  });
  for (const [back, tint] of [
    [-0.02, palette.gold],
    [-0.034, palette.skirt],
  ])
    character.add({
      name: "bangle",
      geometry: ring(along(wrist, lower, back), { rx: 0.029, r: 0.0058, frame: frameAbout(lower), columns: 18, rows: 5 }), // prettier-ignore
      colour: tint,
      occlusion: 0.3,
      skin: `lowerArm${letter}`,
    });
}

function addHand(character, side, { palette, coarseness }) {
  const { letter, wrist, hand, alongHand } = armOf(character.rig, side);
  const finger = (front, from, to) =>
    roundCone(hand(from * 0.8, 0, front * 0.95), hand(to, 0.006, front * 1.28), 0.0135, 0.0105);
  const shape = union(
    0.009,
    roundCone(wrist, hand(0.02, 0), 0.026, 0.028),
    ellipsoid(hand(0.036, 0), [0.03, 0.03, 0.036]),
    finger(0.024, 0.05, 0.118),
    finger(0.008, 0.055, 0.128),
    finger(-0.009, 0.053, 0.122),
    finger(-0.025, 0.047, 0.106),
    roundCone(hand(0.02, -0.004, 0.022), hand(0.058, -0.01, 0.06), 0.0145, 0.012),
  );
  const middle = hand(0.06, 0);
  character.add({
    name: "hand",
    geometry: surface(shape, {
      min: add(middle, [-0.11, -0.11, -0.08]),
      max: add(middle, [0.11, 0.11, 0.09]),
      cell: 0.0078 * coarseness,
      keep: 0.36,
      error: 0.003,
    }),
    colour: (p) => mix(palette.skin, palette.blush, 0.1 * smoothstep(0.09, 0.13, alongHand(p))),
    occlusion: 0.4,
    skin: (p) => {
      const out = alongHand(p);
      const bent = smoothstep(0.045, 0.07, out);
      const thumb = smoothstep(0.03, 0.042, p[2]) * (1 - smoothstep(0.07, 0.085, out));
      const index = smoothstep(0.012, 0.02, p[2]) * bent;
      return [
        [`hand${letter}`, Math.max(0, 1 - bent - thumb)],
        [`index${letter}`, index * (1 - thumb)],
        [`fingers${letter}`, bent * (1 - smoothstep(0.012, 0.02, p[2])) * (1 - thumb)],
        [`thumb${letter}`, thumb],
      ];
    },
  });
}
