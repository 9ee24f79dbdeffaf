// The grey crowned crane: 1.15 m tall with its crown.
import { Character, Placement } from "../character.mjs";
import { clips } from "../clips.mjs";
import { morphNames } from "../morphs.mjs";
import { Rig } from "../rig.mjs";
import { colour } from "../shape/math.mjs";
import { addBody } from "./crane-body.mjs";
import { addHead } from "./crane-head.mjs";

const PALETTE = Object.fromEntries(
  Object.entries({
    grey: "#7b9cc4",
    greyDark: "#5f80ab",
    greyLight: "#b4cce4",
    belly: "#e3edf4",
    cap: "#2b2c40",
    capLight: "#44466a",
    cheek: "#fff6ea",
    blush: "#ffab94",
    red: "#e23b2e",
    redDark: "#c22a26",
    gold: "#f9bf3a",
    goldDark: "#d98a1b",
    goldLight: "#ffd867",
    beak: "#646a80",
    beakDark: "#4a4f63",
    nostril: "#3a3e50",
    mouth: "#6d1b2a",
    throat: "#521320",
    tongue: "#ee7f8e",
    leg: "#4c4d60",
    maroon: "#9a3f2d",
    feather: "#fffaf2",
    featherTip: "#4d6a92",
    scarf: "#149a8f",
    knot: "#0f7d75",
    white: "#fffaf2",
    whiteShade: "#c9d3e6",
    pupil: "#15151d",
    iris: "#6ec0ea",
    irisDark: "#2a6db0",
    irisRim: "#1d3f75",
    highlight: "#ffffff",
    highlightCool: "#eef9ff",
    lash: "#f4e9de",
    brow: "#7d81a6",
  }).map(([name, hex]) => [name, colour(hex)]),
);

// The head is modelled smaller and 28 mm higher than it sits.
const HEAD = new Placement({ pivot: [0, 0.7, 0], size: 1.1, shift: [0, -0.028, 0] });

function rig() {
  const bones = [
    { name: "root", parent: null, head: [0, 0, 0] },
    { name: "hips", parent: "root", head: [0, 0.35, -0.02] },
    { name: "spine", parent: "hips", head: [0, 0.44, -0.02] },
    { name: "chest", parent: "spine", head: [0, 0.53, -0.01] },
    { name: "neck", parent: "chest", head: [0, 0.6, 0] },
    { name: "head", parent: "neck", head: [0, 0.675, 0.01], tail: [0, 0.95, 0.01] },
    { name: "crown", parent: "head", head: HEAD.point([0, 0.93, -0.05]), tail: HEAD.point([0, 1.1, -0.09]) },
    { name: "jaw", parent: "head", head: HEAD.point([0, 0.765, 0.12]), tail: HEAD.point([0, 0.74, 0.29]) },
    { name: "tail", parent: "hips", head: [0, 0.39, -0.17], tail: [0, 0.39, -0.34] },
  ];
  for (const [letter, x] of [
    ["L", 1],
    ["R", -1],
  ])
    bones.push(
      { name: `eye${letter}`, parent: "head", head: HEAD.point([0.077 * x, 0.848, 0.098]) },
      { name: `shoulder${letter}`, parent: "chest", head: [0.06 * x, 0.565, -0.005] },
      { name: `upperArm${letter}`, parent: `shoulder${letter}`, head: [0.138 * x, 0.548, -0.005] },
      { name: `lowerArm${letter}`, parent: `upperArm${letter}`, head: [0.238 * x, 0.458, 0] },
      { name: `hand${letter}`, parent: `lowerArm${letter}`, head: [0.325 * x, 0.38, 0.006] },
      {
        name: `fingers${letter}`,
        parent: `hand${letter}`,
        head: [0.372 * x, 0.338, 0.01],
        tail: [0.45 * x, 0.268, 0.01],
      },
      { name: `upperLeg${letter}`, parent: "hips", head: [0.072 * x, 0.29, -0.01] },
      { name: `lowerLeg${letter}`, parent: `upperLeg${letter}`, head: [0.076 * x, 0.16, 0.005] },
      {
        name: `foot${letter}`,
        parent: `lowerLeg${letter}`,
        head: [0.08 * x, 0.04, 0],
        tail: [0.08 * x, 0.01, 0.12],
      },
    );
  return new Rig(bones);
}

/** `coarseness` multiplies the size of cells, for quick looks and tests. */
export function crane({ coarseness = 1 } = {}) {
  const character = new Character("crane", rig(), morphNames("angry"));
  const head = addHead(character, { place: HEAD, palette: PALETTE, coarseness });
  const body = addBody(character, { palette: PALETTE, coarseness });
  character.occluders = [body.trunk, head.skull, head.cheeks];
  return {
    character,
    clips: clips(character.rig, {
      rest: { upperArm: [-28, 2, 0], lowerArm: [0, 22, 0], hand: [0, 0, 0], fingers: [0, 6, 0] },
      think: { upperArm: [-4, 33, -12], lowerArm: [-19, 101, 5], hand: [-22, 24, 24] },
      palmTwist: 0, // its hand is spread towards the front already
    }),
  };
}
