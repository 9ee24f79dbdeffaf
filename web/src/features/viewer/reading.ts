import type { Chunk, Place } from "@/api/types";

const longestOverlap = 1200; // characters; chunks share a sentence or two
const shortestOverlap = 12;

/**
 * The text of a chunk without what it repeats of the one before. Chunks overlap
 * so that a search finds sentences at their seams; a reader wants them once.
 */
export function withoutOverlap(before: string, text: string): string {
  const most = Math.min(before.length, text.length - 1, longestOverlap);
  for (let length = most; length >= shortestOverlap; length--) {
    if (before.endsWith(text.slice(0, length))) return text.slice(length).trimStart();
  }
  return text;
}

/** A chunk as the reader shows it. */
export interface Piece {
  readonly chunk: Chunk;
  /** Its text, without what the piece before has shown; whole where it is the cited one. */
  readonly text: string;
  /** Set where another heading begins. */
  readonly heading?: string;
  /** True where another page, slide or sheet begins. */
  readonly newPlace: boolean;
}

export function piecesOf(chunks: readonly Chunk[], cited?: number): Piece[] {
  return chunks.map((chunk, i) => {
    const before = chunks[i - 1];
    const newPlace = before === undefined || !samePlace(before.place, chunk.place);
    // The passage that a pupil came for is shown whole, even at the price of a repeated line.
    const text =
      before?.seq === chunk.seq - 1 && chunk.id !== cited ? withoutOverlap(before.text, chunk.text) : chunk.text;
    const heading = chunk.heading && chunk.heading !== before?.heading ? chunk.heading : undefined;
    return { chunk, text, newPlace, ...(heading !== undefined && { heading }) };
  });
}

function samePlace(a: Place, b: Place): boolean {
  return a.page === b.page && a.slide === b.slide && a.sheet === b.sheet;
}

/** The index of the piece that is heard at a moment of a recording, -1 before the first. */
export function pieceAt(pieces: readonly Piece[], seconds: number): number {
  let found = -1;
  for (const [i, piece] of pieces.entries()) {
    if ((piece.chunk.place.start ?? 0) > seconds + 0.05) break;
    found = i;
  }
  return found;
}
