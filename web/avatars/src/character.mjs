// A character is a rig and parts; building it gives the vertex data of two
// skinned meshes: `face`, which has the morphs, and `body`, which has none.
import { at } from "./shape/field.mjs";
import { add, along, clamp, cross, dot, length, normalize, scale, subtract } from "./shape/math.mjs";
import { normalizeWeights } from "./rig.mjs";

/** @typedef {import("./shape/math.mjs").Vec} Vec */

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {"face" | "body"} [mesh] body unless said
 * @property {import("./shape/mesh.mjs").Mesh} geometry
 * @property {Vec | ((p: Vec, n: Vec, uv: [number, number], index: number) => Vec)} colour linear
 * @property {string | ((p: Vec) => import("./rig.mjs").Weights)} skin a bone, or weights at a placed point
 * @property {number | ((uv: [number, number], p: Vec) => number)} [occlusion] how much neighbours darken it: 0 none, 1 (unless said) all
 * @property {Placement} [place] where the part's own space lies in the character's
 * @property {Record<string, { positions: Vec[], normals: Vec[] }>} [variants] the same points in a morph
 * @property {string} [shadeIn] the variant in which its colours and shade are taken, in place of the rest
 * @property {Record<string, (p: Vec) => Vec>} [deform] what a morph adds, after its variant
 * @property {import("./shape/field.mjs").Field[]} [hiddenIn] triangles deep inside these are left out
 */

/** A uniform scale about a pivot, then a shift. */
export class Placement {
  constructor({ pivot = [0, 0, 0], size = 1, shift = [0, 0, 0] }) {
    this.pivot = pivot;
    this.size = size;
    this.shift = shift;
  }

  point(p) {
    return add(add(this.pivot, scale(subtract(p, this.pivot), this.size)), this.shift);
  }

  /** A field of the part's own space, in the character's. */
  field(f) {
    const [px, py, pz] = this.pivot;
    const [sx, sy, sz] = this.shift;
    const s = this.size;
    return (x, y, z) => f((x - sx - px) / s + px, (y - sy - py) / s + py, (z - sz - pz) / s + pz) * s;
  }
}

const IN_PLACE = new Placement({});
const HIDDEN_DEPTH = 0.01; // metres inside another part, at which nobody sees a triangle

export class Character {
  /** @type {Part[]} */
  parts = [];
  /** Fields that darken what is near them. */
  occluders = [];

  constructor(name, rig, morphs) {
    this.name = name;
    this.rig = rig;
    this.morphs = morphs;
  }

  /** @param {Part} part */
  add(part) {
    for (const morph of [...Object.keys(part.variants ?? {}), ...Object.keys(part.deform ?? {})])
      if (!this.morphs.includes(morph)) throw new Error(`${part.name}: no morph ${morph}`);
    this.parts.push(part);
  }

  /** Vertex data of both meshes. */
  build() {
    return { body: this.#mesh("body", []), face: this.#mesh("face", this.morphs) };
  }

  #mesh(name, morphs) {
    const mesh = new MeshData(morphs);
    for (const part of this.parts) {
      if ((part.mesh ?? "body") !== name) continue;
      const place = part.place ?? IN_PLACE;
      const placed = part.geometry.positions.map((p) => place.point(p));
      const triangles = visible(part.geometry.triangles, placed, part.hiddenIn ?? []);
      const renamed = new Map();
      for (const i of triangles) {
        if (renamed.has(i)) continue;
        renamed.set(i, mesh.count);
        mesh.add({
          position: placed[i],
          normal: part.geometry.normals[i],
          colour: this.#colour(part, place, i),
          weights: this.#weights(part, placed[i]),
          deltas: morphs.map((morph) => delta(part, morph, i, place.size)),
        });
      }
      mesh.triangles.push(...triangles.map((i) => renamed.get(i)));
    }
    return mesh;
  }

  #colour(part, place, i) {
    const { uv } = part.geometry;
    const { positions, normals } = part.variants?.[part.shadeIn] ?? part.geometry;
    const base = typeof part.colour === "function" ? part.colour(positions[i], normals[i], uv?.[i], i) : part.colour;
    const strength =
      typeof part.occlusion === "function"
        ? part.occlusion(uv?.[i], part.geometry.positions[i])
        : (part.occlusion ?? 1);
    const light = strength > 0 ? this.#light(place.point(positions[i]), normals[i], strength) : 1;
    // Shade is a little warmer than what it falls on.
    return [base[0] * light ** 0.9, base[1] * light ** 1.05, base[2] * light];
  }

  /** Ambient light at a point: four samples of the occluders along the normal. */
  #light(p, normal, strength) {
    let shade = 0;
    let weight = 1;
    for (let i = 1; i <= 4; i++) {
      const height = 0.0192 * i;
      const q = along(p, normal, height);
      const free = this.occluders.reduce((d, f) => Math.min(d, at(f, q)), 1);
      shade += (Math.max(0, height - free) / height) * weight;
      weight *= 0.75;
    }
    return clamp(1 - 0.19 * strength * shade, 0.3, 1);
  }

  #weights(part, placed) {
    const weights = typeof part.skin === "string" ? [[part.skin, 1]] : part.skin(placed);
    return normalizeWeights(weights).map(([bone, w]) => {
      this.rig.bone(bone);
      return [this.rig.index.get(bone), w];
    });
  }
}

function visible(triangles, points, hiding) {
  if (hiding.length === 0) return triangles;
  const hidden = points.map((p) => hiding.some((f) => at(f, p) < -HIDDEN_DEPTH));
  const kept = [];
  for (let i = 0; i < triangles.length; i += 3) {
    const corners = triangles.slice(i, i + 3);
    if (!corners.every((c) => hidden[c])) kept.push(...corners);
  }
  return kept;
}

/** What a morph adds to a point and its normal. */
function delta(part, morph, i, size) {
  const { positions, normals } = part.geometry;
  let p = positions[i];
  let n = normals[i];
  const variant = part.variants?.[morph];
  if (variant) [p, n] = [variant.positions[i], variant.normals[i]];
  const deform = part.deform?.[morph];
  if (deform) {
    const moved = deform(p);
    if (length(moved) > 1e-6) [p, n] = [add(p, moved), deformedNormal(deform, p, n)];
  }
  return { position: scale(subtract(p, positions[i]), size), normal: subtract(n, normals[i]) };
}

/** The normal after p → p + deform(p), by the cofactors of its derivative. */
function deformedNormal(deform, p, n) {
  const e = 8e-4;
  const columns = [0, 1, 2].map((axis) => {
    const step = [0, 0, 0];
    step[axis] = e;
    const change = scale(subtract(deform(add(p, step)), deform(subtract(p, step))), 0.5 / e);
    change[axis] += 1;
    return change;
  });
  const [a, b, c] = columns;
  return normalize([dot(cross(b, c), n), dot(cross(c, a), n), dot(cross(a, b), n)]);
}

/** Growing lists of a mesh's attributes, as glTF wants them. */
export class MeshData {
  positions = [];
  normals = [];
  colours = []; // RGBA
  joints = []; // four a vertex
  weights = [];
  triangles = [];

  constructor(morphs) {
    this.morphs = morphs.map((name) => ({ name, positions: [], normals: [] }));
  }

  get count() {
    return this.positions.length / 3;
  }

  add({ position, normal, colour, weights, deltas }) {
    this.positions.push(...position);
    this.normals.push(...normal);
    this.colours.push(...colour, 1);
    for (let k = 0; k < 4; k++) {
      this.joints.push(weights[k]?.[0] ?? 0);
      this.weights.push(weights[k]?.[1] ?? 0);
    }
    deltas.forEach((d, m) => {
      this.morphs[m].positions.push(...d.position);
      this.morphs[m].normals.push(...d.normal);
    });
  }
}
