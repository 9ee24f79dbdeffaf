/** Adds a picture to those chosen so far: so many, each once, in order. */
export function pick(chosen: readonly string[], id: string, count: number): readonly string[] {
  if (chosen.length >= count || chosen.includes(id)) return chosen;
  return [...chosen, id];
}
