/** Oculus's fifteen mouth shapes, in the order of the API. */
export const VISEMES = ["sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U"];

const FACE = [
  "eyeBlinkLeft",
  "eyeBlinkRight",
  "eyeSquintLeft",
  "eyeSquintRight",
  "eyeWide",
  "browInnerUp",
  "browUp",
  "browDown",
  "smile",
  "sad",
  "jawOpen",
  "cheekPuff",
];

/** The 28 morphs of a character; `own` is the one that only this one has. */
export const morphNames = (own) => [...VISEMES.map((name) => `viseme_${name}`), ...FACE, own];
