// Ngoma, a friendly drum: the simplest of the three. A round head with the
// teacher's mouth, a laced drum for a body, mittens and boots.
import { Character, Placement } from "../character.mjs";
import { clips } from "../clips.mjs";
import { morphNames } from "../morphs.mjs";
import { ellipsoid, halfSpace, intersection, roundCone, union } from "../shape/field.mjs";
import { ball, patch, ring, surface, tube } from "../shape/mesh.mjs";
import {
  add,
  along,
  clamp,
  colour,
  curve,
  frameAbout,
  lerp,
  mix,
  normalize,
  rotation,
  smoothstep,
  TURN,
} from "../shape/math.mjs";
import { armOf } from "./arms.mjs";
import { addEye } from "./eyes.mjs";
import { personRig } from "./teacher.mjs";
import { addMouth, headWithMouth, MOUTH_Y, skinDeformations, surfaceDepth } from "./teacher-mouth.mjs";

const SIDES = [1, -1];
const SKIN_OCCLUSION = 0.7;

const PALETTE = Object.fromEntries(
  Object.entries({
    skin: "#f4dcb4", // the drum's hide
    skinDark: "#e6c48f",
    blush: "#f39a78",
    lip: "#c4684f",
    lipLight: "#d8836a",
    lipInside: "#7a2f2a",
    mouth: "#5e1620",
    tongue: "#e07482",
    teeth: "#fffaf3",
    teethShade: "#f2e3d8",
    brow: "#6b3d22",
    lash: "#4a2a18",
    white: "#fffdf8",
    whiteShade: "#d8cfd6",
    pupil: "#170f0d",
    iris: "#3aa78f",
    irisDark: "#11564f",
    irisRim: "#0a3a36",
    highlight: "#ffffff",
    wood: "#9c4a24",
    woodDark: "#7c3717",
    band: "#15857f",
    gold: "#f9c846",
    cream: "#fff3df",
    navy: "#26345c",
    red: "#e5523f",
    boot: "#7c3717",
  }).map(([name, hex]) => [name, colour(hex)]),
);

const HEAD = new Placement({ shift: [0, -0.04, 0] });

const skull = union(
  0.05,
  ellipsoid([0, 0.93, 0], [0.19, 0.172, 0.168]),
  ellipsoid([0, 0.86, 0.025], [0.165, 0.115, 0.14]),
);

/** `coarseness` multiplies the size of cells, for quick looks and tests. */
export function drum({ coarseness = 1 } = {}) {
  const character = new Character("drum", personRig(), morphNames("laugh"));
  addHead(character, coarseness);
  addBody(character, coarseness);
  for (const side of SIDES) {
    addArm(character, side, coarseness);
    addLeg(character, side, coarseness);
  }
  character.occluders = [HEAD.field(skull), ellipsoid([0, 0.5, 0], [0.17, 0.16, 0.16])];
  return {
    character,
    clips: clips(character.rig, {
      rest: { upperArm: [-18, 3, 0], lowerArm: [0, 18, 0], hand: [0, 0, 0], fingers: [0, 0, 0] },
      think: { upperArm: [-16, 48, 19], lowerArm: [-17, 116, 12], hand: [17, -10, -40] },
      palmTwist: 0,
    }),
  };
}

function addHead(character, coarseness) {
  const common = { place: HEAD, skin: "head" };
  const skinColour = (p) => {
    const cheek = Math.hypot((Math.abs(p[0]) - 0.118) / 1.1, p[1] - 0.868, (p[2] - 0.12) * 0.8);
    const hide = mix(PALETTE.skin, PALETTE.skinDark, smoothstep(0.9, 0.76, p[1]) * 0.5);
    return mix(hide, PALETTE.blush, smoothstep(0.05, 0, cheek) * 0.7);
  };
  const { geometry, occlusion } = headWithMouth(skull, surfaceDepth(skull)(0, MOUTH_Y), SKIN_OCCLUSION, {
    min: [-0.22, 0.7, -0.2],
    max: [0.22, 1.15, 0.23],
    cell: 0.0145 * coarseness,
    keep: 0.5,
    error: 0.002,
  });
  character.add({
    ...common,
    mesh: "face",
    name: "head",
    geometry,
    colour: skinColour,
    occlusion,
    deform: skinDeformations(),
  });
  addMouth(character, { head: skull, place: HEAD, skinColour, palette: PALETTE, occlusion: SKIN_OCCLUSION });
  for (const side of SIDES) {
    addDrumEye(character, side, skinColour);
    // Drum heads for ears, in a golden hoop.
    const ear = [0.186 * side, 0.925, -0.005];
    character.add({ ...common, name: "ear", geometry: ball(ear, [0.026, 0.05, 0.05], 16, 10), colour: PALETTE.band });
    character.add({
      ...common,
      name: "ear hoop",
      geometry: ring(add(ear, [0.012 * side, 0, 0]), { rx: 0.043, r: 0.009, frame: rotation([0, 0, 90]), columns: 26, rows: 6 }), // prettier-ignore
      colour: PALETTE.gold,
      occlusion: 0.3,
    });
  }
  // A headband, and two drumsticks in it that sway.
  const tilt = [-5, 0, 0];
  for (const [y, r, tint] of [
    [1.032, 0.014, PALETTE.band],
    [1.052, 0.009, PALETTE.gold],
  ]) {
    const share = Math.sqrt(1 - ((y - 0.93) / 0.172) ** 2); // of the head's width at this height
    const [rx, rz] = [0.19 * share + 0.003, 0.168 * share + 0.003];
    character.add({
      ...common,
      name: "headband",
      geometry: ring([0, y, 0], { rx, rz, r, tall: 1.2, frame: rotation(tilt), columns: 36 }),
      colour: tint,
      occlusion: 0.4,
    });
  }
  for (const side of SIDES) {
    const [from, to] = [
      [0.03 * side, 1.07, -0.01],
      [0.085 * side, 1.21, -0.02],
    ];
    const path = curve(from, [0.045 * side, 1.15, -0.01], to);
    character.add({
      ...common,
      name: "drumstick",
      geometry: tube(path, () => 0.009, { columns: 8, rows: 6 }),
      colour: PALETTE.wood,
      skin: "crown",
    });
    character.add({
      ...common,
      name: "drumstick head",
      geometry: ball(to, [0.026, 0.028, 0.026], 14, 9),
      colour: PALETTE.red,
      occlusion: 0.4,
      skin: "crown",
    });
  }
}

function addDrumEye(character, side, skinColour) {
  addEye(character, {
    side,
    place: HEAD,
    centre: [0.078 * side, 0.935, 0.122],
    radii: [0.05, 0.06, 0.042],
    yaw: 20,
    pitch: -3,
    skin: skull,
    skinColour,
    look: {
      ...PALETTE,
      gazeIn: 0.006,
      irisRadii: [0.036, 0.042],
      pupilRadii: [0.022, 0.027],
      highlights: [
        { offset: [0.012, 0.0155], radii: [0.0095, 0.0105], tint: PALETTE.highlight },
        { offset: [-0.012, -0.017], radii: [0.0045, 0.0045], tint: PALETTE.highlight },
      ],
      lashRadius: 0.0042,
    },
    lids: {
      size: [1.07, 1.06, 1.14],
      blinkDepth: 0.66,
      occlusion: SKIN_OCCLUSION,
      upper: { rest: [-50, 5], blink: 28, squint: -24, wide: -66, sad: [-32, 14] },
      lower: { rest: 66, blink: 29, squint: 42, wide: 78 },
      wing: false,
    },
    brow: {
      points: [
        [-0.036, 0.072, 0.03],
        [0.006, 0.096, 0.03],
        [0.052, 0.066, 0.005],
      ],
      lift: 0.003,
      radius: 0.009,
      flat: 0.8,
      bluntness: 0.5,
      taper: (t) => clamp(0.1 + 0.8 * t),
      occlusion: 0,
      states: { browInnerUp: [0.01, -0.018], browUp: [0.018, 0], browDown: [-0.01, 0.013], sad: [0.004, -0.018] },
    },
  });
}

const [RIM_Y, FOOT_Y] = [0.655, 0.31];
/** The drum's radius at `t` (0 the upper rim, 1 the foot): wide above, narrow below. */
const drumRadius = (t) => lerp(0.158, 0.105, t ** 1.15) + 0.014 * Math.sin(Math.PI * t);
const onDrum = (a, t, lift = 0) => {
  const r = drumRadius(t) + lift;
  return [Math.sin(a) * r, lerp(RIM_Y, FOOT_Y, t), Math.cos(a) * r];
};

function addBody(character, coarseness) {
  const skin = character.rig.near(["hips", "spine", "chest"]);
  const outward = (u) => [Math.sin(u * TURN), 0, Math.cos(u * TURN)];
  const shell = (u, v) => {
    if (v < 0.75) return onDrum(u * TURN, v / 0.75);
    const t = (v - 0.75) / 0.25; // the bottom
    const r = drumRadius(1) * (1 - t);
    return [Math.sin(u * TURN) * r, FOOT_Y - 0.02 * Math.sin((t * Math.PI) / 2), Math.cos(u * TURN) * r];
  };
  character.add({
    name: "drum",
    geometry: patch(shell, {
      columns: 36,
      rows: 16,
      closed: true,
      outward: (u, v) => (v < 0.7 ? outward(u) : [0, 0, 0]),
    }),
    colour: (p) => mix(PALETTE.wood, PALETTE.woodDark, smoothstep(0.5, 0.33, p[1])),
    occlusion: 0.6,
    skin,
  });
  character.add({
    name: "drum head",
    geometry: ball([0, RIM_Y - 0.004, 0], [drumRadius(0), 0.03, drumRadius(0)], 28, 8),
    colour: PALETTE.cream,
    skin,
  });
  for (const [t, r, tint] of [
    [0.015, 0.017, PALETTE.band],
    [0.16, 0.008, PALETTE.gold],
    [0.8, 0.008, PALETTE.gold],
    [0.97, 0.016, PALETTE.band],
  ])
    character.add({
      name: "drum hoop",
      geometry: ring([0, lerp(RIM_Y, FOOT_Y, t), 0], { rx: drumRadius(t), r, columns: 36, rows: 6 }),
      colour: tint,
      occlusion: 0.4,
      skin,
    });
  addLacing(character, skin);
  character.add({
    name: "neck",
    geometry: surface(roundCone([0, 0.64, 0], [0, 0.78, 0], 0.06, 0.056), {
      min: [-0.1, 0.56, -0.1],
      max: [0.1, 0.86, 0.1],
      cell: 0.016 * coarseness,
      keep: 0.4,
      error: 0.006,
    }),
    colour: PALETTE.skinDark,
    skin: character.rig.near(["chest", "neck", "head"]),
    hiddenIn: [HEAD.field(skull)],
  });
}

/** The laces as imigongo: triangles that meet point to point. */
function addLacing(character, skin) {
  const COUNT = 16;
  const [positions, normals, triangles, tints] = [[], [], [], []];
  const triangle = (corners, tint) => {
    for (const [a, t] of corners) {
      triangles.push(positions.length);
      positions.push(onDrum(a, t, 0.003));
      normals.push(normalize([Math.sin(a), 0.1, Math.cos(a)]));
      tints.push(tint);
    }
  };
  const STEPS = 6; // the drum is round from rim to foot, too
  for (let i = 0; i < COUNT; i++) {
    const middle = ((i + 0.5) / COUNT) * TURN;
    const half = TURN / COUNT / 2;
    for (const [from, to, tint] of [
      [0.2, 0.47, PALETTE.cream],
      [0.76, 0.49, PALETTE.gold],
    ])
      for (let k = 0; k < STEPS; k++) {
        const [t0, t1] = [lerp(from, to, k / STEPS), lerp(from, to, (k + 1) / STEPS)];
        const [w0, w1] = [half * (1 - k / STEPS), half * (1 - (k + 1) / STEPS)];
        const [a, b, c, d] = [[middle - w0, t0], [middle + w0, t0], [middle + w1, t1], [middle - w1, t1]]; // prettier-ignore
        const downwards = to > from;
        triangle(downwards ? [b, a, d] : [a, b, c], tint);
        if (k < STEPS - 1) triangle(downwards ? [b, d, c] : [a, c, d], tint);
      }
  }
  character.add({
    name: "lacing",
    geometry: { positions, normals, triangles },
    colour: (p, n, uv, i) => tints[i],
    occlusion: 0,
    skin,
  });
}

function addArm(character, side, coarseness) {
  const { letter, shoulder, elbow, wrist, lower, hand, box } = armOf(character.rig, side);
  const root = add(shoulder, [0.02 * side, -0.01, 0]);
  const solid = (name, field, tint, skin, cell, bounds) =>
    character.add({
      name,
      geometry: surface(field, { ...bounds, cell: cell * coarseness, keep: 0.4, error: 0.005 }),
      colour: tint,
      occlusion: 0.5,
      skin,
    });
  const arm = union(0.02, roundCone(root, elbow, 0.04, 0.034), roundCone(elbow, wrist, 0.034, 0.03));
  solid("arm", arm, PALETTE.woodDark, character.rig.near([`upperArm${letter}`, `lowerArm${letter}`], 6), 0.0135, box([0.05, 0.36, -0.08], [0.36, 0.7, 0.08])); // prettier-ignore
  character.add({
    name: "cuff",
    geometry: ring(along(wrist, lower, -0.008), { rx: 0.032, r: 0.012, frame: frameAbout(lower), columns: 22, rows: 6 }), // prettier-ignore
    colour: PALETTE.gold,
    occlusion: 0.3,
    skin: `lowerArm${letter}`,
  });
  const mitten = union(
    0.02,
    ellipsoid(hand(0.045, 0), [0.042, 0.042, 0.044]),
    roundCone(hand(0.05, 0.004, -0.006), hand(0.095, 0.01, -0.006), 0.036, 0.03),
    roundCone(hand(0.03, -0.004, 0.03), hand(0.062, -0.008, 0.062), 0.019, 0.016),
  );
  const middle = hand(0.06, 0);
  solid("mitten", mitten, PALETTE.skin, `hand${letter}`, 0.0105, {
    min: add(middle, [-0.11, -0.11, -0.08]),
    max: add(middle, [0.11, 0.11, 0.1]),
  });
}

function addLeg(character, side, coarseness) {
  const letter = side > 0 ? "L" : "R";
  const [left, right] = side > 0 ? [-0.02, 0.15] : [-0.15, 0.02];
  const leg = roundCone([0.06 * side, 0.34, 0], [0.064 * side, 0.06, -0.004], 0.042, 0.034);
  character.add({
    name: "leg",
    geometry: surface(leg, { min: [left, 0.01, -0.08], max: [right, 0.4, 0.08], cell: 0.0155 * coarseness, keep: 0.35, error: 0.006 }), // prettier-ignore
    colour: PALETTE.woodDark,
    occlusion: 0.5,
    skin: character.rig.near([`upperLeg${letter}`, `lowerLeg${letter}`], 5),
  });
  const boot = intersection(
    0.008,
    union(
      0.025,
      ellipsoid([0.066 * side, 0.035, 0.026], [0.046, 0.042, 0.072]),
      ellipsoid([0.065 * side, 0.05, -0.012], [0.042, 0.05, 0.044]),
    ),
    halfSpace([0, -1, 0], [0, 0.002, 0]),
  );
  character.add({
    name: "boot",
    geometry: surface(boot, { min: [left, -0.01, -0.09], max: [right, 0.13, 0.13], cell: 0.0135 * coarseness, keep: 0.4, error: 0.006 }), // prettier-ignore
    colour: PALETTE.red,
    occlusion: 0.4,
    skin: `foot${letter}`,
  });
}
