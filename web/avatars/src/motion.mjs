// Keyed curves over time in seconds.

/**
 * @typedef {object} Clip
 * @property {number} seconds
 * @property {boolean} loop
 * @property {Record<string, (t: number) => number[]>} turns by bone: Euler degrees, or a quaternion
 * @property {Record<string, (t: number) => number[]>} moves by bone: metres from the bind pose
 */

const EASES = {
  /** Quintic: speed and acceleration are 0 at both ends. */
  both: (x) => x * x * x * (x * (6 * x - 15) + 10),
  out: (x) => 1 - (1 - x) ** 3,
  /** Starts gently, goes a little too far, and settles. */
  back: (x) => 1 + 2.4 * (x ** 1.5 - 1) ** 3 + 1.4 * (x ** 1.5 - 1) ** 2,
};

/**
 * A curve through keys of [seconds, value, ease into it ("both" unless said)];
 * values are numbers or lists of numbers.
 */
export function keyed(keys) {
  return (t) => {
    if (t <= keys[0][0]) return keys[0][1];
    const i = keys.findIndex(([time]) => t <= time);
    if (i < 0) return keys[keys.length - 1][1];
    const [from, a] = keys[i - 1];
    const [to, b, ease = "both"] = keys[i];
    const x = EASES[ease]((t - from) / (to - from));
    return Array.isArray(a) ? a.map((v, k) => v + (b[k] - v) * x) : a + (b - a) * x;
  };
}

/** A sine of `period` seconds, `phase` periods ahead. */
export const wave = (t, period, phase = 0) => Math.sin(2 * Math.PI * (t / period + phase));
