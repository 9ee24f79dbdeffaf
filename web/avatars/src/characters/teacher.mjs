// The teacher: 1.2 m tall, the head a third of it.
import { Character, Placement } from "../character.mjs";
import { clips } from "../clips.mjs";
import { morphNames } from "../morphs.mjs";
import { Rig } from "../rig.mjs";
import { colour } from "../shape/math.mjs";
import { addBody } from "./teacher-body.mjs";
import { addHead } from "./teacher-head.mjs";

export const PALETTE = Object.fromEntries(
  Object.entries({
    skin: "#a8653c",
    blush: "#d0603f",
    lip: "#b14a45",
    lipLight: "#c8635c",
    lipInside: "#6b2322",
    mouth: "#5e1620",
    tongue: "#e07482",
    teeth: "#fffaf3",
    teethShade: "#f2e3d8",
    hair: "#241715",
    brow: "#2c1814",
    lash: "#1e1110",
    white: "#fffaf4",
    whiteShade: "#cbbfc6",
    pupil: "#170f0d",
    iris: "#9a5526",
    irisDark: "#4a220e",
    irisRim: "#2b1308",
    highlight: "#ffffff",
    highlightWarm: "#fff9ee",
    wrap: "#f2a51f",
    wrapLight: "#f6b73a",
    wrapShade: "#e38c12",
    wrapBand: "#d9541e",
    top: "#e5523f",
    skirt: "#15857f",
    skirtInside: "#0c4a48",
    gold: "#f9c846",
    cream: "#fff3df",
    navy: "#26345c",
    shoe: "#3a2a33",
  }).map(([name, hex]) => [name, colour(hex)]),
);

// The head is modelled 40 mm higher than it sits.
const HEAD = new Placement({ shift: [0, -0.04, 0] });

/** The skeleton of a person 1.2 m tall; others of that build take it too. */
export function personRig() {
  const bones = [
    { name: "root", parent: null, head: [0, 0, 0] },
    { name: "hips", parent: "root", head: [0, 0.42, 0] },
    { name: "spine", parent: "hips", head: [0, 0.5, 0] },
    { name: "chest", parent: "spine", head: [0, 0.58, 0] },
    { name: "neck", parent: "chest", head: [0, 0.655, -0.005] },
    { name: "head", parent: "neck", head: [0, 0.7, 0], tail: [0, 1.05, 0] },
    { name: "crown", parent: "head", head: [0, 1.04, 0.02], tail: [0, 1.21, 0.02] },
    { name: "jaw", parent: "head", head: [0, 0.81, 0.02], tail: [0, 0.76, 0.17] },
  ];
  for (const [letter, x] of [
    ["L", 1],
    ["R", -1],
  ])
    bones.push(
      { name: `eye${letter}`, parent: "head", head: [0.082 * x, 0.898, 0.128] },
      { name: `shoulder${letter}`, parent: "chest", head: [0.05 * x, 0.635, 0] },
      { name: `upperArm${letter}`, parent: `shoulder${letter}`, head: [0.115 * x, 0.615, -0.002] },
      { name: `lowerArm${letter}`, parent: `upperArm${letter}`, head: [0.205 * x, 0.522, -0.002] },
      { name: `hand${letter}`, parent: `lowerArm${letter}`, head: [0.292 * x, 0.44, 0.006] },
      {
        name: `fingers${letter}`,
        parent: `hand${letter}`,
        head: [0.338 * x, 0.397, 0.01],
        tail: [0.4 * x, 0.338, 0.01],
      },
      {
        name: `index${letter}`,
        parent: `hand${letter}`,
        head: [0.342 * x, 0.401, 0.022],
        tail: [0.4 * x, 0.35, 0.03],
      },
      {
        name: `thumb${letter}`,
        parent: `hand${letter}`,
        head: [0.305 * x, 0.42, 0.028],
        tail: [0.335 * x, 0.4, 0.065],
      },
      { name: `upperLeg${letter}`, parent: "hips", head: [0.06 * x, 0.38, 0] },
      { name: `lowerLeg${letter}`, parent: `upperLeg${letter}`, head: [0.062 * x, 0.2, 0.004] },
      {
        name: `foot${letter}`,
        parent: `lowerLeg${letter}`,
        head: [0.064 * x, 0.05, -0.005],
        tail: [0.066 * x, 0.02, 0.1],
      },
    );
  return new Rig(bones);
}

/** `coarseness` multiplies the size of cells, for quick looks and tests. */
export function teacher({ coarseness = 1 } = {}) {
  const character = new Character("teacher", personRig(), morphNames("laugh"));
  const head = addHead(character, { place: HEAD, palette: PALETTE, coarseness });
  const body = addBody(character, { palette: PALETTE, coarseness, head });
  character.occluders = [head.skull, head.wrap, body.torso];
  return {
    character,
    clips: clips(character.rig, {
      rest: { upperArm: [-28, 3, 0], lowerArm: [0, 18, 0], hand: [0, 0, 0], fingers: [8, 0, 0] },
      think: { upperArm: [-16, 48, 19], lowerArm: [-17, 116, 12], hand: [17, -10, -40] },
      palmTwist: 55,
      own: { point: { fingersL: pointingFingers } },
    }),
  };
}

/** The other fingers fold while the index points. */
function pointingFingers(t) {
  const up = Math.min(1, Math.max(0, (t - 0.25) / 0.35), Math.max(0, (2.7 - t) / 0.5));
  const eased = up * up * (3 - 2 * up);
  return [8 - 44 * eased, 0, 0];
}
