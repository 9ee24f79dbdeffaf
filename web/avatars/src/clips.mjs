// The twelve clips. Blinks and the eyes' jumps are the scene's, not clips.
//
// An arm bone is turned by [raise, forward, twist] in degrees from its bind
// direction: raise lifts it sideways, forward swings it to the front, twist
// turns it about itself. Both sides take the same numbers. Other bones take
// Euler angles: x nods, y looks to the character's left, z tilts.
import { keyed, wave } from "./motion.mjs";
import { add, cross, DEGREES, multiply, normalize, quaternionAbout, subtract } from "./shape/math.mjs";

export const LOOPS = { idle1: 6.4, idle2: 8, listen: 4.8, think: 5.2, talk: 4.8, explain: 5.6 };
export const ONE_SHOTS = { point: 2.8, nod: 1.3, shake: 1.5, wave: 2.6, celebrate: 2.8, sorry: 3 };

const ARM_BONE = /^(shoulder|upperArm|lowerArm|hand|fingers)([LR])$/;
const BREATH = 3.2; // seconds, stretched so that a clip holds whole breaths

/**
 * @param {import("./rig.mjs").Rig} rig
 * @param {object} style
 * @param {{ upperArm: number[], lowerArm: number[], hand: number[], fingers: number[] }} style.rest
 * @param {{ upperArm: number[], lowerArm: number[], hand: number[] }} style.think the right arm, hand at the chin
 * @param {number} style.palmTwist degrees that a raised hand turns, to show its palm
 * @param {Record<string, Record<string, (t: number) => number[]>>} [style.own] tracks by clip that only this character has
 * @returns {Record<string, import("./motion.mjs").Clip>}
 */
export function clips(rig, style) {
  const result = {};
  for (const [name, seconds] of Object.entries({ ...LOOPS, ...ONE_SHOTS })) {
    const tracks = { ...breathing(seconds, style.rest), ...TRACKS[name](style, rig), ...style.own?.[name] };
    const { hipsMove, ...turns } = tracks;
    result[name] = {
      seconds,
      loop: name in LOOPS,
      turns: Object.fromEntries(Object.entries(turns).map(([bone, track]) => [bone, turn(rig, bone, track)])),
      moves: { hips: hipsMove },
    };
  }
  return result;
}

/** A track as a function of time; an arm's angles become a quaternion. */
function turn(rig, bone, track) {
  const angles = typeof track === "function" ? track : () => track;
  const side = ARM_BONE.exec(bone)?.[2];
  if (!side) return angles;
  const mirror = side === "L" ? 1 : -1;
  const direction = bone.startsWith("shoulder") ? [mirror, 0, 0] : normalize(subtract(rig.tail(bone), rig.head(bone)));
  const swing = normalize(cross(direction, [0, 0, 1]));
  return (t) => {
    const [raise, forward, twist] = angles(t);
    return multiply(
      multiply(quaternionAbout([0, 0, 1], raise * mirror), quaternionAbout(swing, forward)),
      quaternionAbout(direction, twist * mirror),
    );
  };
}

/** What every clip starts from: breath, a little sway, arms at rest. */
function breathing(seconds, rest) {
  const breath = seconds / Math.max(1, Math.round(seconds / BREATH));
  const sway = (phase) => (t) => add(rest.upperArm, [0.9 * wave(t, seconds / 2, phase), 0, 0]);
  return {
    hipsMove: (t) => [0, -0.0018 * (1 - Math.cos((2 * Math.PI * t) / breath)), 0],
    hips: [0, 0, 0],
    spine: (t) => [1.2, 0, 0.5 * wave(t, seconds)],
    chest: (t) => [-0.8 + 1.1 * wave(t, breath), 0, 0],
    neck: [0, 0, 0],
    head: [0, 0, 0],
    crown: (t) => [2 * wave(t, seconds / 2, 0.35), 0, 2 * wave(t, seconds, 0.1)],
    tail: (t) => [4 * wave(t, seconds / 2, 0.2), 3 * wave(t, seconds), 0],
    shoulderL: [0, 0, 0],
    shoulderR: [0, 0, 0],
    upperArmL: sway(0.05),
    upperArmR: sway(0.1),
    lowerArmL: rest.lowerArm,
    lowerArmR: rest.lowerArm,
    handL: rest.hand,
    handR: rest.hand,
    fingersL: rest.fingers,
    fingersR: rest.fingers,
    indexL: [0, 0, 0],
    indexR: [0, 0, 0],
  };
}

/** The same tracks on both sides. */
const bothSides = (tracks) =>
  Object.fromEntries(Object.entries(tracks).flatMap(([bone, track]) => ["L", "R"].map((side) => [bone + side, track])));

/** From `start` through keys back to `start`. */
const thereAndBack = (start, seconds, ...keys) => keyed([[0, start], ...keys, [seconds, start]]);

const still = [0, 0, 0];
const upright = [1, 0, 0];

const TRACKS = {
  idle1: () => ({
    head: (t) => [1 + 1.2 * wave(t, 6.4, 0.1), 2.5 * wave(t, 6.4), 1.4 * wave(t, 6.4, 0.3)],
    hips: (t) => [0, 1.2 * wave(t, 6.4), wave(t, 6.4)],
  }),

  // Shifts the weight from one leg to the other and looks about.
  idle2: () => ({
    hips: thereAndBack(still, 8, [1.2, [0, 3, 3]], [3.6, [0, 3, 3]], [5, [0, -3, -3]], [7, [0, -3, -3]]),
    spine: thereAndBack(upright, 8, [1.3, [1, -1, -3]], [3.6, [1, -1, -3]], [5.1, [1, 1, 3]], [7, [1, 1, 3]]),
    head: thereAndBack(
      still,
      8,
      [1, [-3, 16, 4]],
      [2.8, [-2, 15, 5]],
      [3.5, [2, -4, 0]],
      [4.6, [1, -14, -5]],
      [6.4, [0, -13, -4]],
      [7.4, [1, 2, 0]],
    ),
  }),

  // Leans in, head tilted, a hand up to the ear.
  listen: ({ rest }) => ({
    spine: [6, 0, 0],
    neck: [4, 0, 0],
    head: (t) => [3 + 1.5 * wave(t, 2.4), -9, 9 + 1.2 * wave(t, 4.8)],
    upperArmR: [rest.upperArm[0] + 14, 36, -30],
    lowerArmR: [0, 84, -20],
    handR: [0, 12, 0],
    shoulderR: [4, 0, 0],
  }),

  think: ({ rest, think }) => ({
    spine: [1, 4, 0],
    neck: [-2, 3, 0],
    head: (t) => [-7 + 1.2 * wave(t, 2.6), 13, 7 + 1.5 * wave(t, 5.2)],
    upperArmR: think.upperArm,
    lowerArmR: think.lowerArm,
    handR: think.hand,
    upperArmL: [rest.upperArm[0] + 8, 22, -30],
    lowerArmL: [0, 68, 0],
  }),

  talk: ({ rest }) => {
    const raised = (raise, forward, twist) => [rest.upperArm[0] + raise, forward, twist];
    return {
      spine: (t) => [2, 2.5 * wave(t, 4.8), wave(t, 2.4)],
      head: (t) => [
        1.5 * wave(t, 1.6) + wave(t, 0.8, 0.2),
        4 * wave(t, 4.8) + 2 * wave(t, 2.4, 0.2),
        2 * wave(t, 2.4, 0.4),
      ],
      upperArmR: thereAndBack(
        raised(2, 12, 0),
        4.8,
        [0.5, raised(10, 24, -10)],
        [1.1, raised(6, 18, -6)],
        [1.8, raised(14, 28, -14)],
        [2.6, raised(4, 16, -4)],
        [3.6, raised(9, 22, -8)],
      ),
      lowerArmR: thereAndBack(
        [0, 46, 0],
        4.8,
        [0.5, [0, 72, -8]],
        [1.1, [0, 58, 0]],
        [1.8, [8, 78, -14]],
        [2.6, [0, 52, 0]],
        [3.6, [0, 66, -6]],
      ),
      handR: (t) => [4 * wave(t, 1.2), 8 * wave(t, 1.2, 0.2), 0],
      upperArmL: thereAndBack(
        raised(2, 8, 0),
        4.8,
        [2.2, raised(2, 8, 0)],
        [2.8, raised(12, 24, -10)],
        [3.4, raised(8, 20, -8)],
      ),
      lowerArmL: thereAndBack([0, 36, 0], 4.8, [2.2, [0, 36, 0]], [2.8, [6, 70, -12]], [3.4, [0, 60, -6]]),
    };
  },

  // Both hands open, together, and wide.
  explain: ({ rest }) => {
    const raised = (raise, forward, twist) => [rest.upperArm[0] + raise, forward, twist];
    return {
      spine: (t) => [3, 4 * wave(t, 5.6, -0.03), 0],
      head: (t) => [1 + 2 * wave(t, 5.6 / 3), 6 * wave(t, 5.6), 2.5 * wave(t, 2.8)],
      ...bothSides({
        upperArm: thereAndBack(
          raised(4, 20, 0),
          5.6,
          [0.6, raised(26, 40, -10), "back"],
          [1.5, raised(22, 36, -10)],
          [2.1, raised(8, 44, -34)],
          [2.9, raised(10, 42, -30)],
          [3.6, raised(34, 30, 6), "back"],
          [4.6, raised(30, 28, 6)],
        ),
        lowerArm: thereAndBack(
          [0, 58, 0],
          5.6,
          [0.6, [0, 62, -20]],
          [1.5, [0, 66, -16]],
          [2.1, [0, 80, -20]],
          [2.9, [0, 84, -20]],
          [3.6, [16, 40, -30]],
          [4.6, [14, 44, -28]],
        ),
        hand: thereAndBack(
          still,
          5.6,
          [0.6, [0, -14, 30]],
          [1.5, [0, -8, 24]],
          [2.1, [0, 10, 0]],
          [3.6, [10, -16, 40]],
          [4.6, [8, -12, 36]],
        ),
      }),
    };
  },

  point: ({ rest }) => ({
    head: thereAndBack(still, 2.8, [0.45, [-3, 22, -3]], [1.3, [-3, 20, -3]], [1.7, [1, -2, 2]], [2.3, still]),
    spine: thereAndBack(upright, 2.8, [0.5, [0, 7, -3]], [2.1, [0, 7, -3]]),
    upperArmL: thereAndBack(
      rest.upperArm,
      2.8,
      [0.22, [rest.upperArm[0] - 4, 6, 0]],
      [0.62, [rest.upperArm[0] + 86, 18, 0], "back"],
      [2.1, [rest.upperArm[0] + 83, 18, 0]],
    ),
    lowerArmL: thereAndBack(rest.lowerArm, 2.8, [0.22, [0, 64, 0]], [0.62, [4, 8, 0], "back"], [2.1, [4, 8, 0]]),
    handL: thereAndBack(rest.hand, 2.8, [0.7, [6, 0, -10]], [2.1, [6, 0, -10]]),
    fingersL: thereAndBack(rest.fingers, 2.8, [0.6, [-2, 62, 0]], [2.1, [-2, 62, 0]]),
  }),

  nod: () => ({
    head: thereAndBack(still, 1.3, [0.25, [14, 0, 0]], [0.5, [-4, 0, 0]], [0.78, [11, 0, 0]], [1.05, [-1, 0, 0]]),
    crown: thereAndBack(still, 1.3, [0.3, [-8, 0, 0]], [0.58, [6, 0, 0]], [0.86, [-6, 0, 0]]),
  }),

  shake: () => ({
    head: thereAndBack(still, 1.5, [0.25, [2, 17, 2]], [0.6, [2, -17, -2]], [0.95, [2, 12, 1]], [1.25, [1, -5, 0]]),
    crown: thereAndBack(still, 1.5, [0.3, [0, 0, 7]], [0.65, [0, 0, -8]], [1, [0, 0, 5]]),
  }),

  wave: ({ rest, palmTwist }) => {
    const up = keyed([
      [0, 0],
      [0.55, 1],
      [2.05, 1],
      [2.5, 0],
    ]);
    return {
      head: thereAndBack(still, 2.6, [0.5, [-2, -6, -9]], [2, [-2, -6, -9]]),
      spine: thereAndBack(upright, 2.6, [0.5, [0, -3, 4]], [2, [0, -3, 4]]),
      upperArmR: thereAndBack(
        rest.upperArm,
        2.6,
        [0.2, [rest.upperArm[0] - 5, 0, 0]],
        [0.6, [rest.upperArm[0] + 92, 14, 0], "back"],
        [2.05, [rest.upperArm[0] + 90, 14, 0]],
      ),
      lowerArmR: (t) => [
        up(t) * (44 + 22 * wave(t - 0.5, 0.46)),
        rest.lowerArm[1] * (1 - up(t)) + 10 * up(t),
        palmTwist * 0.35 * up(t),
      ],
      handR: (t) => [up(t) * 12 * wave(t - 0.58, 0.46), 0, palmTwist * up(t)],
      fingersR: thereAndBack(rest.fingers, 2.6, [0.4, [0, -8, 0]], [2.1, [0, -8, 0]]),
    };
  },

  // Three hops, each lower, arms in the air.
  celebrate: ({ rest, palmTwist }, rig) => {
    const height = keyed([
      [0, 0],
      [0.25, -0.035],
      [0.5, 0.055, "out"],
      [0.74, -0.02],
      [0.95, 0.045, "out"],
      [1.2, -0.015],
      [1.45, 0.03, "out"],
      [1.7, -0.008],
      [1.9, 0],
      [2.8, 0],
    ]);
    const fading = (t) => (t < 2 ? 1 : 1 - (t - 2) / 0.8);
    const raised = (raise, forward) => [rest.upperArm[0] + raise, forward, 0];
    // Knees bend as the hips sink, so that the feet stay on the floor.
    const bend = (share) => (t) => {
      const sunk = Math.max(0, -height(t)) / (rig.head("upperLegL")[1] - rig.head("footL")[1]);
      return [share * (Math.acos(1 - sunk) / DEGREES), 0, 0];
    };
    return {
      hipsMove: (t) => [0, height(t), 0],
      ...bothSides({ upperLeg: bend(-1), lowerLeg: bend(2), foot: bend(-1) }),
      head: thereAndBack(still, 2.8, [0.25, [10, 0, 0]], [0.55, [-12, 0, 6]], [1.2, [-10, 0, -6]], [1.8, [-8, 0, 4]]),
      crown: (t) => [10 * wave(t, 0.48) * fading(t), 0, 5 * wave(t, 0.6) * fading(t)],
      spine: thereAndBack(upright, 2.8, [0.25, [10, 0, 0]], [0.55, [-5, 0, 0]], [2, [-4, 0, 0]]),
      ...bothSides({
        upperArm: thereAndBack(
          rest.upperArm,
          2.8,
          [0.25, raised(-6, -10)],
          [0.6, raised(112, 16), "back"],
          [1.2, raised(98, 20)],
          [1.6, raised(114, 14)],
          [2, raised(106, 16)],
        ),
        lowerArm: thereAndBack(
          rest.lowerArm,
          2.8,
          [0.25, [0, 60, 0]],
          [0.55, [12, 12, 0], "back"],
          [1.2, [26, 26, 0]],
          [1.6, [10, 10, 0]],
          [2, [16, 14, 0]],
        ),
        hand: thereAndBack(rest.hand, 2.8, [0.5, [0, 0, palmTwist]], [2, [0, 0, palmTwist]]),
        fingers: thereAndBack(rest.fingers, 2.8, [0.5, [0, -10, 0]], [2, [0, -10, 0]]),
      }),
    };
  },

  // Head down, hands together in front.
  sorry: ({ rest }) => ({
    head: thereAndBack(still, 3, [0.6, [17, -5, -7]], [2.2, [15, -5, -7]]),
    spine: thereAndBack(upright, 3, [0.6, [7, 0, 0]], [2.2, [7, 0, 0]]),
    crown: thereAndBack(still, 3, [0.7, [-9, 0, 0]], [2.2, [-8, 0, 0]]),
    ...bothSides({
      shoulder: thereAndBack(still, 3, [0.6, [7, 0, 0]], [2.2, [7, 0, 0]]),
      upperArm: thereAndBack(
        rest.upperArm,
        3,
        [0.6, [rest.upperArm[0] + 2, 24, 36]],
        [2.2, [rest.upperArm[0] + 2, 24, 36]],
      ),
      lowerArm: thereAndBack(rest.lowerArm, 3, [0.6, [-4, 78, 20]], [2.2, [-4, 78, 20]]),
    }),
  }),
};
