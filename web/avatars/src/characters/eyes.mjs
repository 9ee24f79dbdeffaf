// One eye with its lids, lash line and brow, as both characters have them.
import { at, normalAt, project } from "../shape/field.mjs";
import { patch, tube, tubePoint } from "../shape/mesh.mjs";
import {
  add,
  clamp,
  curve,
  DEGREES,
  lerp,
  mix,
  normalize,
  rotate,
  rotation,
  smoothstep,
  TURN,
} from "../shape/math.mjs";

// Layers on the white, in metres: far enough apart for a tablet's depth buffer.
const IRIS_LIFT = 0.0008;
const PUPIL_LIFT = 0.0016;
const HIGHLIGHT_LIFT = 0.0024;
const LASH_SPAN = 158; // degrees around the eye: farther, its ends would graze the skin
const LID_HINGE = 96; // degrees up (or down) at which a lid is tucked away in the head

/**
 * Adds the eye on `side` (1 the character's left, −1 its right). Lid angles are
 * degrees below the eye's middle: −40 is a lid that covers the top third.
 * @param {import("../character.mjs").Character} character
 * @param {object} eye
 * @param {1 | -1} eye.side
 * @param {number[]} eye.centre
 * @param {number[]} eye.radii
 * @param {number} eye.yaw degrees outward
 * @param {number} eye.pitch
 * @param {import("../shape/field.mjs").Field} eye.skin the surface that the lids grow out of
 * @param {(p: number[], n: number[]) => number[]} eye.skinColour
 * @param {object} eye.look colours and sizes
 * @param {object} eye.lids angles by state; `blinkDepth` is how flat the eyeball gets behind a closed lid
 * @param {object} eye.brow
 */
export function addEye(character, eye) {
  const sided = sidedNames(eye.side);
  const surfaceOf = eyeball(eye);
  addLooks(character, eye, surfaceOf, sided);
  addLids(character, eye, surfaceOf, sided);
  addBrow(character, eye);
}

const sidedNames = (side) => (side > 0 ? { bone: "eyeL", morph: "Left" } : { bone: "eyeR", morph: "Right" });

/** Points of the eyeball: by place on the white, and by angle on a shell about it. */
function eyeball({ side, centre, radii: [rx, ry, rz], yaw, pitch }) {
  const turn = rotation([pitch, yaw * side, 0]);
  const place = (local) => add(rotate(turn, local), centre);
  return {
    place,
    forward: rotate(turn, [0, 0, 1]),
    /** On the white at x, y metres from its middle, lifted; `depth` flattens the ball. */
    front: (x, y, lift, depth = 1) =>
      place([x, y, Math.sqrt(Math.max(0, 1 - (x / rx) ** 2 - (y / ry) ** 2)) * rz * depth + lift]),
    /** On a shell × `size`, `across` radians sideways and `down` radians below the middle. */
    shell: (across, down, [sx, sy, sz]) =>
      place([
        Math.sin(across) * rx * sx,
        -Math.sin(down) * Math.cos(across) * ry * sy,
        Math.cos(down) * Math.cos(across) * rz * sz,
      ]),
  };
}

function addLooks(character, { side, centre, radii, look, lids, place }, ball, sided) {
  const common = { mesh: "face", place, occlusion: 0 };
  // A morph moves points along straight lines, so a lid on its way down cuts
  // across the eyeball: the eye flattens behind it, and comes back as it opens.
  const layer = (pointFor, columns, rows) => {
    const geometry = patch(pointFor(1), { columns, rows, closed: true, outward: ball.forward });
    return { geometry, variants: { [`eyeBlink${sided.morph}`]: geometry.variant(pointFor(lids.blinkDepth)) } };
  };
  const disc = ([x, y], [rx, ry], lift, columns, rows) =>
    layer(
      (depth) => (u, v) => {
        const r = Math.max(v, 1e-3);
        return ball.front(x + Math.cos(u * TURN) * rx * r, y + Math.sin(u * TURN) * ry * r, lift, depth);
      },
      columns,
      rows,
    );
  const white = layer(
    (depth) => (u, v) => {
      const [a, t] = [u * TURN, (v * Math.PI) / 2];
      return ball.place([
        Math.sin(t) * Math.cos(a) * radii[0],
        Math.sin(t) * Math.sin(a) * radii[1],
        Math.cos(t) * radii[2] * depth,
      ]);
    },
    24,
    7,
  );
  character.add({
    ...common,
    name: "eye white",
    ...white,
    colour: (p) => mix(look.white, look.whiteShade, smoothstep(0.008, 0.05, p[1] - centre[1]) * 0.7),
    skin: "head",
  });
  const middle = [-look.gazeIn * side, -0.001];
  character.add({
    ...common,
    name: "iris",
    ...disc(middle, look.irisRadii, IRIS_LIFT, 26, 5),
    colour: (p, n, [u, v]) => {
      if (v > 0.9) return look.irisRim;
      const lower = smoothstep(0.7, -0.8, Math.sin(u * TURN)) * smoothstep(0.2, 0.8, v);
      return mix(look.irisDark, look.iris, 0.15 + 0.85 * lower);
    },
    skin: sided.bone,
  });
  character.add({
    ...common,
    name: "pupil",
    ...disc(middle, look.pupilRadii, PUPIL_LIFT, 20, 2),
    colour: look.pupil,
    skin: sided.bone,
  });
  // The highlights stay where the light is when the eye turns.
  for (const { offset, radii: size, tint } of look.highlights)
    character.add({
      ...common,
      name: "highlight",
      ...disc([middle[0] + offset[0], middle[1] + offset[1]], size, HIGHLIGHT_LIFT, 14, 2),
      colour: tint,
      skin: "head",
    });
}

function addLids(character, { side, skin, skinColour, lids, look, place }, ball, sided) {
  const { size } = lids;
  const blink = `eyeBlink${sided.morph}`;
  const squint = `eyeSquint${sided.morph}`;

  // `tilt` lowers the outer end, in degrees; the inner end sits higher, or the face looks angry.
  const lidPoint = (hinge) => (angle, tilt) => (u, v) => {
    const across = (u - 0.5) * Math.PI * 1.06;
    const edge = angle + tilt * Math.sin(across) * side;
    return ball.shell(across, lerp(hinge, edge, v) * DEGREES, size);
  };
  const lid = (name, hinge, states, rest) => {
    const point = lidPoint(hinge);
    const base = patch(point(...rest), { columns: 16, rows: 9, outward: ball.forward });
    character.add({
      mesh: "face",
      place,
      name,
      geometry: { ...base, normals: grownNormals(base, skin) },
      variants: mapValues(states, (state) => {
        const variant = base.variant(point(...state));
        return { ...variant, normals: grownNormals(variant, skin) };
      }),
      colour: skinColour,
      shadeIn: blink,
      occlusion: lids.occlusion,
      skin: "head",
    });
  };
  const upper = lids.upper;
  const states = {
    [blink]: [upper.blink, 0],
    [squint]: [upper.squint, 0],
    eyeWide: [upper.wide, 0],
    sad: upper.sad,
    ...(upper.angry ? { angry: upper.angry } : {}),
  };
  lid("upper lid", -LID_HINGE, states, upper.rest);
  lid(
    "lower lid",
    LID_HINGE,
    { [blink]: [lids.lower.blink, 0], [squint]: [lids.lower.squint, 0], eyeWide: [lids.lower.wide, 0] },
    [lids.lower.rest, 0],
  );

  const linePath =
    ([angle, tilt]) =>
    (t) => {
      const across = (t - 0.5) * LASH_SPAN * DEGREES;
      const down = (angle + tilt * Math.sin(across) * side) * DEGREES;
      return ball.shell(across, down, [size[0] * 1.01, size[1] * 1.01, size[2] * 1.02]);
    };
  const lineRadius = (t) => look.lashRadius * Math.sin(Math.PI * clamp(0.03 + 0.94 * t)) ** 0.6;
  const line = tube(linePath(upper.rest), lineRadius, { columns: 5, rows: 16 });
  character.add({
    mesh: "face",
    place,
    name: "lash line",
    geometry: line,
    variants: mapValues(states, (state) => line.variant(tubePoint(linePath(state), lineRadius))),
    colour: look.lash,
    occlusion: 0,
    skin: "head",
  });
  if (lids.wing) addWing(character, { side, size, look, place, states, rest: upper.rest }, ball);
}

/** The lashes' outer end, which lifts off the lid. */
function addWing(character, { side, size, look, place, states, rest }, ball) {
  const edge = [size[0] * 1.02, size[1] * 1.02, size[2] * 1.02];
  const path = ([angle, tilt]) => {
    const end = angle + tilt * 0.9;
    const point = (across, down) => ball.shell(across * side * DEGREES, down * DEGREES, edge);
    const lift = [0.016 * side, 0.013, -0.004];
    return curve(point(60, end), point(82, end * 0.9), add(point(90, end * 0.8), lift));
  };
  const radius = (t) => look.lashRadius * (1 - t) ** 0.6 + 0.0003;
  const shape = { flat: 0.8 };
  const base = tube(path(rest), radius, { columns: 6, rows: 6, ...shape });
  character.add({
    mesh: "face",
    place,
    name: "lash wing",
    geometry: base,
    variants: mapValues(states, (state) => base.variant(tubePoint(path(state), radius, shape))),
    colour: look.lash,
    occlusion: 0,
    skin: "head",
  });
}

/**
 * A lid's normals turned into the skin's where it comes out of the head, so
 * that light does not draw the line between them.
 */
function grownNormals({ positions, normals }, skin) {
  return positions.map((p, i) => {
    const own = smoothstep(0.001, 0.024, at(skin, p));
    return normalize(mix(normalAt(skin, p), normals[i], own * 0.7));
  });
}

function addBrow(character, { side, centre, skin, brow, look, place }) {
  // `up` moves the whole brow, `tilt` lowers the inner end and lifts the outer, in metres.
  const path = (up, tilt) => {
    const [inner, middle, outer] = brow.points;
    const arc = curve(
      add(centre, [inner[0] * side, inner[1] + up - tilt, inner[2]]),
      add(centre, [middle[0] * side, middle[1] + up + 0.3 * tilt, middle[2]]),
      add(centre, [outer[0] * side, outer[1] + up + 0.7 * tilt, outer[2]]),
    );
    return (t) => project(skin, arc(t), brow.lift);
  };
  const radius = (t) =>
    t < 0.001 || t > 0.999 ? 0 : brow.radius * Math.sin(Math.PI * brow.taper(t)) ** brow.bluntness;
  const shape = { flat: brow.flat };
  const base = tube(path(0, 0), radius, { columns: 7, rows: 11, ...shape });
  character.add({
    mesh: "face",
    place,
    name: "brow",
    geometry: base,
    variants: mapValues(brow.states, ([up, tilt]) => base.variant(tubePoint(path(up, tilt), radius, shape))),
    colour: look.brow,
    occlusion: brow.occlusion,
    skin: "head",
  });
}

const mapValues = (object, f) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, f(value)]));
