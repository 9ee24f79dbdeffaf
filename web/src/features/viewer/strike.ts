/** A stretch of a text, and whether it stands in a passage that is marked as wrong. */
export interface Stretch {
  readonly text: string;
  readonly wrong: boolean;
}

const plain = (text: string) => text.replace(/\s+/g, " ").trim();

/**
 * Cuts a paragraph into stretches, by its sentences. A sentence is wrong if it
 * stands in one of the passages.
 */
export function strike(paragraph: string, passages: readonly string[]): Stretch[] {
  if (passages.length === 0) return [{ text: paragraph, wrong: false }];
  const wrongs = passages.map(plain);
  const stretches: Stretch[] = [];
  for (const sentence of paragraph.split(/(?<=[.!?…]["'”»)]?\s)/)) {
    const words = plain(sentence);
    const wrong = words !== "" && wrongs.some((passage) => passage.includes(words));
    const last = stretches[stretches.length - 1];
    if (last?.wrong === wrong) stretches[stretches.length - 1] = { text: last.text + sentence, wrong };
    else stretches.push({ text: sentence, wrong });
  }
  return stretches;
}
