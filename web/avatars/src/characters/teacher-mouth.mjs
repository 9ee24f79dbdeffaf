// The teacher's mouth: a ring of skin and lips that runs into a sack, teeth
// that hang behind the lips, and the tongue. Each mouth shape is the same three
// patches with other numbers.
import { at, difference, normalAt } from "../shape/field.mjs";
import { patch, surface } from "../shape/mesh.mjs";
import { add, clamp, lerp, mix, normalize, smoothstep, TURN } from "../shape/math.mjs";
import { VISEMES } from "../morphs.mjs";

/**
 * @typedef {object} Pose
 * @property {number} width half the opening's width, metres
 * @property {number} up how far the upper lip's edge rises
 * @property {number} down how far the lower lip's edge falls
 * @property {number} smile corners' height, 1 is a broad smile
 * @property {number} protrude how far the lips come forward, metres
 * @property {number} lip thickness of the lips, 1 at rest
 * @property {number} tuck lower lip under the upper teeth, 0 to 1
 * @property {number} tongueUp tip to the palate, 0 to 1 (negative: the back rises)
 * @property {number} tongueOut tip between the teeth, 0 to 1
 * @property {number} jaw how far the chin drops, 0 to 1
 */

/** @type {Pose} */
const REST = {
  width: 0.047,
  up: 0.0004,
  down: 0.0004,
  smile: 0.45,
  protrude: 0,
  lip: 1,
  tuck: 0,
  tongueUp: 0,
  tongueOut: 0,
  jaw: 0,
};

/** @type {Record<string, Partial<Pose>>} */
const POSES = {
  viseme_sil: {},
  viseme_PP: { width: 0.043, up: 0, down: 0, lip: 0.62, protrude: 0.004, smile: 0.3 },
  viseme_FF: { width: 0.048, up: 0.01, down: 0.0005, tuck: 1, jaw: 0.1 },
  viseme_TH: { width: 0.045, up: 0.008, down: 0.014, tongueOut: 1, tongueUp: 0.4, jaw: 0.25 },
  viseme_DD: { up: 0.008, down: 0.013, width: 0.046, tongueUp: 1, jaw: 0.22 },
  viseme_kk: { up: 0.01, down: 0.017, width: 0.046, tongueUp: -0.4, jaw: 0.3 },
  viseme_CH: { width: 0.033, up: 0.011, down: 0.013, protrude: 0.013, lip: 1.15, jaw: 0.2, smile: 0.1 },
  viseme_SS: { width: 0.052, up: 0.007, down: 0.008, jaw: 0.08, smile: 0.55 },
  viseme_nn: { width: 0.046, up: 0.007, down: 0.011, tongueUp: 0.9, jaw: 0.18 },
  viseme_RR: { width: 0.036, up: 0.009, down: 0.012, protrude: 0.009, lip: 1.1, tongueUp: 0.5, jaw: 0.2, smile: 0.15 },
  viseme_aa: { width: 0.046, up: 0.019, down: 0.046, jaw: 1, smile: 0.25 },
  viseme_E: { width: 0.054, up: 0.014, down: 0.026, jaw: 0.55, smile: 0.45 },
  viseme_I: { width: 0.058, up: 0.01, down: 0.013, jaw: 0.22, smile: 0.75 },
  viseme_O: { width: 0.031, up: 0.022, down: 0.031, protrude: 0.01, lip: 1.1, jaw: 0.65, smile: 0 },
  viseme_U: { width: 0.02, up: 0.01, down: 0.012, protrude: 0.017, lip: 1.2, jaw: 0.3, smile: 0 },
  smile: { width: 0.064, smile: 1.5, up: 0.0015, down: 0.004 },
  sad: { width: 0.043, smile: -0.7 },
  jawOpen: { width: 0.047, up: 0.02, down: 0.048, jaw: 1, smile: 0.3 },
  laugh: { width: 0.062, smile: 1.25, up: 0.012, down: 0.038, jaw: 0.6 },
};

export const MOUTH_Y = 0.832; // of the line between the lips, in the head's own space
// The ring's outer edge on the skin, an ellipse a little under the middle.
const EDGE = { x: 0.096, up: 0.05, down: 0.066, y: MOUTH_Y - 0.004 };
const RING = { columns: 36, rows: 20 };
const SKIN_END = 0.4; // of v: skin, then lips, then the sack
const LIPS_END = 0.7;

/** 0 at the mouth's middle, 1 on the ring's outer edge. */
const edgeDistance = (p) => Math.hypot(p[0] / EDGE.x, (p[1] - EDGE.y) / (p[1] > EDGE.y ? EDGE.up : EDGE.down));

const UNDER_RING = 0.003; // metres that the head sinks where the ring covers it

/**
 * The mesh of a head that is hollow behind lips at z = `front`, and how much
 * shade its points take. Nobody sees the hollow, but its points would shade the
 * triangles at its rim: they take the skin's normals, and no shade.
 */
export function headWithMouth(head, front, occlusion, options) {
  const sunk = (x, y, z) => head(x, y, z) + (z > 0 ? UNDER_RING * smoothstep(1, 0.88, edgeDistance([x, y])) : 0);
  const { positions, triangles } = surface(difference(0.006, sunk, mouthHollow(front)), options);
  return {
    geometry: { positions, triangles, normals: positions.map((p) => normalAt(head, p)) },
    occlusion: (uv, p) => (at(head, p) < -0.004 ? 0 : occlusion),
  };
}

/** What is scooped out of the head behind the lips. */
function mouthHollow(front) {
  return (x, y, z) => {
    const dy = y - EDGE.y;
    // Nearly as wide as the ring: skin left under it would come through when the jaw drops.
    const q = Math.hypot(x / (EDGE.x * 0.84), dy / (dy >= 0 ? EDGE.up * 0.76 : EDGE.down * 0.86));
    const metres = q > 0.3 ? Math.hypot(x, dy) / q : 0.03;
    return Math.max((q - 1) * metres, front - 0.085 - z);
  };
}

/** The z of `head`'s surface at x, y. */
export function surfaceDepth(head) {
  return (x, y) => {
    let z = 0.26;
    for (let i = 0; i < 60 && z > -0.1; i++) {
      const d = head(x, y, z);
      z -= d * 0.8;
      if (Math.abs(d) < 1e-5) break;
    }
    return z;
  };
}

/** The edge of the opening at angle `a`, as [x, y]. */
export function innerEdge({ width, up, down, smile }, a) {
  const [c, s] = [Math.cos(a), Math.sin(a)];
  return [
    width * Math.sign(c) * Math.abs(c) ** 0.9,
    MOUTH_Y + s * (s >= 0 ? up : down) + smile * 0.016 * (c * c - 0.42),
  ];
}

/** Where lips turn into skin. */
function outerEdge(pose, a) {
  const [c, s] = [Math.cos(a), Math.sin(a)];
  const [x, y] = innerEdge(pose, a);
  const bow = s > 0 ? -0.0022 * Math.exp(-((c / 0.16) ** 2)) : 0;
  const tucked = s < 0 ? pose.tuck * Math.abs(s) : 0; // nothing at the corners, where it meets the upper lip
  const thick = (s >= 0 ? 0.0105 : 0.0138) * pose.lip * Math.abs(s) ** 0.75 * (1 - 0.45 * tucked);
  return [x * (1 + (0.004 / pose.width) * Math.abs(c)), y + Math.sign(s) * (thick + bow) + 0.006 * tucked];
}

/** The ring's point function in one pose. */
function ringPoint(pose, depth, front) {
  const { lip, protrude, tuck } = pose;
  return (u, v) => {
    const a = u * TURN;
    const [c, s] = [Math.cos(a), Math.sin(a)];
    const outer = outerEdge(pose, a);
    const inner = innerEdge(pose, a);
    if (v <= SKIN_END) {
      const t = v / SKIN_END;
      const edge = [EDGE.x * c, EDGE.y + (s >= 0 ? EDGE.up : EDGE.down) * s];
      const [x, y] = mix(edge, outer, t);
      const lift = -0.0012 + 0.003 * smoothstep(0, 0.3, t) + protrude * t ** 2.2 + 0.0006 * t * t;
      return [x, y, depth(x, y) + lift];
    }
    if (v <= LIPS_END) {
      const t = (v - SKIN_END) / (LIPS_END - SKIN_END);
      const [x, y] = mix(outer, inner, t);
      const bulge = 0.0062 * lip * Math.sin(Math.PI * (0.12 + 0.8 * t)) * (0.35 + 0.65 * Math.abs(s) ** 0.5);
      return [x, y, depth(x, y) + 0.0014 + protrude + bulge - (s < 0 ? tuck * -s * 0.007 * t : 0)];
    }
    const t = (v - LIPS_END) / (1 - LIPS_END);
    const open = Math.sign(s) * 0.01 * Math.abs(s) ** 0.5;
    const lipZ = depth(...inner) + 0.0014 + protrude + 0.0015;
    if (t <= 0.5) {
      const k = t / 0.5;
      return [inner[0] * (1 + 0.12 * k), inner[1] + open * k, lipZ - 0.004 - 0.03 * k];
    }
    const k = (t - 0.5) / 0.5;
    return [inner[0] * 1.12 * (1 - k), lerp(inner[1] + open, EDGE.y, k), lerp(lipZ - 0.034, front - 0.062, k)];
  };
}

/**
 * A row of teeth that hangs from the lip's inner edge, so that it follows the
 * lip in every shape and never shows beside it.
 */
function teethPoint(pose, depth, upper) {
  const open = pose.up + pose.down;
  const rounded = smoothstep(0.02, 0.044, pose.width); // round lips hide the teeth
  return (u, v) => {
    const c = lerp(-0.9, 0.9, u);
    const angle = Math.acos(c);
    const [x, top] = innerEdge(pose, angle);
    const [, bottom] = innerEdge(pose, -angle);
    const round = Math.sin(angle) ** 0.5;
    const behind = 0.003;
    const [from, to] = upper
      ? [top + behind, Math.max(top - 0.0105 * round * rounded + 0.004 * (1 - rounded), bottom - behind)]
      : [bottom - behind, Math.min(bottom + 0.006 * round * rounded * smoothstep(0.012, 0.034, open), top + behind)];
    const y = lerp(from, to, v);
    const lipZ = depth(x, upper ? top : bottom) + 0.0014 + pose.protrude;
    return [x * 0.97, y, lipZ - (upper ? 0.0125 : 0.0155) - 0.008 * (1 - rounded) - 0.004 * (2 * u - 1) ** 2];
  };
}

function tonguePoint(pose, front) {
  const { down, tongueUp, tongueOut } = pose;
  return (u, v) => {
    const t = v * Math.PI;
    const reach = (1 - Math.cos(t)) / 2; // 0 at the root, 1 at the tip
    const lifted = tongueUp * 0.012 * smoothstep(0.4, 1, reach) * (down > 0.008 ? 1 : 0.3);
    const y = MOUTH_Y - down * 0.8 - 0.004 + lifted + tongueOut * 0.004;
    return [
      Math.cos(u * TURN) * 0.024 * Math.sin(t),
      y + Math.sin(u * TURN) * 0.0085 * Math.sin(t),
      front - 0.062 + (0.042 + 0.02 * tongueOut) * reach,
    ];
  };
}

/**
 * @param {import("../character.mjs").Character} character
 * @param {{ head: import("../shape/field.mjs").Field, place: import("../character.mjs").Placement, skinColour: Function, palette: Record<string, number[]>, occlusion: number }} face
 */
export function addMouth(character, { head, place, skinColour, palette, occlusion }) {
  const depth = surfaceDepth(head);
  const front = depth(0, MOUTH_Y);
  const poses = Object.fromEntries(Object.entries(POSES).map(([name, pose]) => [name, { ...REST, ...pose }]));

  /** One patch in every pose. */
  const posed = (pointFor, options, finish = (shape) => shape) => {
    const base = patch(pointFor(REST), options);
    return {
      mesh: "face",
      place,
      skin: "head",
      geometry: { ...base, ...finish(base) },
      variants: Object.fromEntries(
        Object.entries(poses).map(([name, pose]) => [name, finish(base.variant(pointFor(pose)))]),
      ),
    };
  };

  const ring = posed(
    (pose) => ringPoint(pose, depth, front),
    { ...RING, closed: true, outward: (u, v) => (v < 0.5 ? [0, 0, 1] : [0, 0, 0]) },
    (shape) => ({ ...shape, normals: skinNormals(shape, head, depth) }),
  );
  character.add({
    ...ring,
    name: "mouth",
    deform: mouthDeformations(),
    colour: (p, n, [, v]) => {
      if (v < SKIN_END - 0.01) return skinColour(p);
      if (v < SKIN_END + 0.03) return mix(skinColour(p), palette.lip, 0.75);
      if (v < LIPS_END - 0.01) return mix(palette.lip, palette.lipLight, smoothstep(0.45, 0.6, v) * 0.5);
      return v < LIPS_END + 0.02 ? palette.lipInside : palette.mouth;
    },
    occlusion: ([, v]) => (v < SKIN_END + 0.01 ? occlusion * smoothstep(0.42, 0.2, v) : 0),
  });
  const outward = [0, 0, 1];
  character.add({
    ...posed((pose) => teethPoint(pose, depth, true), { columns: 14, rows: 3, outward }),
    name: "upper teeth",
    colour: palette.teeth,
    occlusion: 0,
  });
  character.add({
    ...posed((pose) => teethPoint(pose, depth, false), { columns: 14, rows: 2, outward }),
    name: "lower teeth",
    colour: palette.teethShade,
    occlusion: 0,
  });
  character.add({
    ...posed((pose) => tonguePoint(pose, front), {
      columns: 10,
      rows: 8,
      closed: true,
      outward: (u) => [Math.cos(u * TURN), Math.sin(u * TURN), 0],
    }),
    name: "tongue",
    colour: (p, n) => mix(palette.tongue, palette.mouth, smoothstep(0.3, -0.8, n[1]) * 0.6),
    occlusion: 0,
  });
}

/** The skin's part of the ring takes the head's normals, or its edge would show. */
function skinNormals({ positions, normals }, head, depth) {
  return positions.map((p, i) => {
    const v = Math.floor(i / RING.columns) / RING.rows;
    if (v > SKIN_END) return normals[i];
    const skin = normalAt(head, [p[0], p[1], depth(p[0], p[1])]);
    return normalize(mix(skin, normals[i], smoothstep(0.05, SKIN_END, v)));
  });
}

/** The chin goes down with the jaw. */
const chin = (amount) => (p) => {
  const share = smoothstep(0.842, 0.79, p[1]) * smoothstep(0, 0.1, p[2]);
  return [0, -0.012 * amount * share, -0.001 * amount * share];
};

/** Cheeks rise with a smile. */
const cheeks = (p) => {
  const share = smoothstep(0.065, 0, Math.hypot(Math.abs(p[0]) - 0.108, p[1] - 0.872, p[2] - 0.125));
  return [Math.sign(p[0]) * 0.006 * share, 0.012 * share, 0.01 * share];
};

const puff = (p) => {
  const share = smoothstep(0.08, 0, Math.hypot(Math.abs(p[0]) - 0.11, p[1] - 0.845, p[2] - 0.1));
  return [Math.sign(p[0]) * 0.016 * share, 0, 0.008 * share];
};

/** What the head's skin does in each morph. */
export function skinDeformations() {
  const result = { jawOpen: chin(1), smile: cheeks, cheekPuff: puff };
  for (const name of VISEMES) {
    const { jaw } = POSES[`viseme_${name}`];
    if (jaw) result[`viseme_${name}`] = chin(jaw);
  }
  const half = chin(POSES.laugh.jaw);
  result.laugh = (p) => add(cheeks(p), half(p));
  return result;
}

/** The same on the ring, fading towards the lips, whose shapes say all themselves. */
function mouthDeformations() {
  return Object.fromEntries(
    Object.entries(skinDeformations()).map(([name, deform]) => [
      name,
      (p) => {
        const share = smoothstep(0.6, 0.97, clamp(edgeDistance(p)));
        return share > 0 ? deform(p).map((x) => x * share) : [0, 0, 0];
      },
    ]),
  );
}

/** How far the lips are apart in a pose, for tests: [rest, posed], metres. */
export const lipGap = (name) => {
  const gap = (pose) => innerEdge(pose, Math.PI / 2)[1] - innerEdge(pose, -Math.PI / 2)[1];
  return [gap(REST), gap({ ...REST, ...POSES[name] })];
};
