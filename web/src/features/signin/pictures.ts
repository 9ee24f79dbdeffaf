/** Adds a picture to those chosen so far: three, each once, in order. */
export function pick(chosen: readonly string[], id: string): readonly string[] {
  if (chosen.length >= 3 || chosen.includes(id)) return chosen;
  return [...chosen, id];
}
