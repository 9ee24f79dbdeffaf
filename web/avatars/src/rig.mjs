import { add, clamp, dot, scale, subtract, distance } from "./shape/math.mjs";

/** @typedef {[string, number][]} Weights bone names with shares that need not sum to 1 */

/** A skeleton in its bind pose: arms hang out at 45°, every rotation is the identity. */
export class Rig {
  /** @param {{ name: string, parent: string | null, head: number[], tail?: number[] }[]} bones parents first */
  constructor(bones) {
    this.bones = bones;
    this.index = new Map(bones.map((bone, i) => [bone.name, i]));
  }

  bone(name) {
    const i = this.index.get(name);
    if (i === undefined) throw new Error(`no bone ${name}`);
    return this.bones[i];
  }

  head(name) {
    return this.bone(name).head;
  }

  /** Where a bone starts, seen from its parent. */
  offset(name) {
    const { parent, head } = this.bone(name);
    return parent ? subtract(head, this.head(parent)) : head;
  }

  tail(name) {
    const bone = this.bone(name);
    return bone.tail ?? this.bones.find((other) => other.parent === name)?.head ?? bone.head;
  }

  /**
   * Weights by nearness to these bones; the higher `sharpness`, the narrower the bend.
   * @returns {(p: number[]) => Weights}
   */
  near(names, sharpness = 4) {
    const segments = names.map((name) => [name, this.head(name), this.tail(name)]);
    return (p) =>
      segments.map(([name, a, b]) => {
        const axis = subtract(b, a);
        const t = clamp(dot(subtract(p, a), axis) / (dot(axis, axis) || 1));
        return [name, 1 / (distance(p, add(a, scale(axis, t))) + 0.004) ** sharpness];
      });
  }
}

/** The four largest weights, none under 1.5 %, summing to 1. @param {Weights} weights */
export function normalizeWeights(weights) {
  const largest = [...weights].sort((a, b) => b[1] - a[1]).slice(0, 4);
  const total = largest.reduce((sum, [, w]) => sum + w, 0);
  const kept = largest.filter(([, w]) => w / total > 0.015);
  const sum = kept.reduce((s, [, w]) => s + w, 0);
  return kept.map(([bone, w]) => [bone, w / sum]);
}
