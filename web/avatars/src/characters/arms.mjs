import { along, dot, normalize, scale, subtract, add } from "../shape/math.mjs";

/**
 * One arm's joints and directions in the bind pose.
 * @param {import("../rig.mjs").Rig} rig
 * @param {1 | -1} side
 */
export function armOf(rig, side) {
  const letter = side > 0 ? "L" : "R";
  const [shoulder, elbow, wrist, knuckles] = ["upperArm", "lowerArm", "hand", "fingers"].map((bone) =>
    rig.head(bone + letter),
  );
  const out = normalize(subtract(knuckles, wrist)); // along the hand
  const palm = [out[1] * side, -out[0] * side, 0]; // from the palm's side, towards the body
  return {
    letter,
    shoulder,
    elbow,
    wrist,
    upper: normalize(subtract(elbow, shoulder)),
    lower: normalize(subtract(wrist, elbow)),
    out,
    /** A point of the hand: metres along it, across its palm, and to the front. */
    hand: (distance, across, front = 0) => add(along(wrist, out, distance), add(scale(palm, across), [0, 0, front])),
    /** How far along the hand a point is. */
    alongHand: (p) => dot(subtract(p, wrist), out),
    /** A box about the whole arm, for its fields. */
    box: (low, high) =>
      side > 0 ? { min: low, max: high } : { min: [-high[0], low[1], low[2]], max: [-low[0], high[1], high[2]] },
  };
}
