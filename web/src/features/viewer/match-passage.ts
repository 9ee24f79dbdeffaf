/**
 * Finds a passage in the text of a page as another reader saw it. The box and
 * the browser read the same PDF with different programs: spaces, hyphens,
 * ligatures, quotes and the order of columns differ. So both texts are reduced
 * to their letters and digits, and matched in short runs.
 */

/** A stretch of one text item, [start, end) in UTF-16 units. */
export interface Mark {
  readonly item: number;
  readonly start: number;
  readonly end: number;
}

interface Reduced {
  readonly text: string;
  readonly item: readonly number[]; // of each reduced character
  readonly at: readonly number[]; // where in its item it stands
}

const seedLength = 14; // letters that must match exactly to begin a run
const seedStep = 4;
const bridge = 24; // letters between two runs that are taken as read differently
const smallest = 10; // a shorter run away from all others is chance

export function matchPassage(items: readonly string[], passage: string): Mark[] {
  const page = reduce(items);
  const wanted = reduce([passage]).text;
  if (wanted === "" || page.text === "") return [];
  return marksOf(page, findRuns(page.text, wanted));
}

/** Runs [from, to) of the page's reduced text that stand in the passage. */
function findRuns(page: string, wanted: string): [number, number][] {
  const whole = page.indexOf(wanted);
  if (whole >= 0) return [[whole, whole + wanted.length]];
  if (wanted.length <= seedLength) return [];

  const runs: [number, number][] = [];
  let expected = 0; // where the next run should begin, were both texts in one order
  for (let i = 0; i + seedLength <= wanted.length;) {
    const found = nearest(page, wanted.slice(i, i + seedLength), expected);
    if (found < 0) {
      i += seedStep;
      continue;
    }
    let [from, back] = [found, i];
    while (from > 0 && back > 0 && page[from - 1] === wanted[back - 1]) {
      from--;
      back--;
    }
    let [to, ahead] = [found + seedLength, i + seedLength];
    while (to < page.length && ahead < wanted.length && page[to] === wanted[ahead]) {
      to++;
      ahead++;
    }
    runs.push([from, to]);
    expected = to;
    i = ahead;
  }
  return join(runs);
}

/** The place of a seed that lies nearest to where it is expected. */
function nearest(page: string, seed: string, expected: number): number {
  const after = page.indexOf(seed, expected);
  const before = page.lastIndexOf(seed, expected);
  if (after < 0 || before < 0) return Math.max(after, before);
  // What follows is likelier than what went before.
  return after - expected <= 2 * (expected - before) ? after : before;
}

function join(runs: readonly [number, number][]): [number, number][] {
  const joined: [number, number][] = [];
  for (const [from, to] of [...runs].sort((a, b) => a[0] - b[0])) {
    const last = joined[joined.length - 1];
    if (last && from - last[1] <= bridge) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  const longest = Math.max(0, ...joined.map(([from, to]) => to - from));
  return joined.filter(([from, to]) => to - from >= Math.max(smallest, longest / 8));
}

function marksOf(page: Reduced, runs: readonly [number, number][]): Mark[] {
  const marks: Mark[] = [];
  for (const [from, to] of runs) {
    for (let i = from; i < to; i++) {
      const item = page.item[i] ?? 0;
      const at = page.at[i] ?? 0;
      const last = marks[marks.length - 1];
      if (last?.item === item && i > from) marks[marks.length - 1] = { ...last, end: at + 1 };
      else marks.push({ item, start: at, end: at + 1 });
    }
  }
  return marks;
}

const letter = /[\p{L}\p{N}]/u;

function reduce(items: readonly string[]): Reduced {
  let text = "";
  const item: number[] = [];
  const at: number[] = [];
  items.forEach((source, index) => {
    for (let i = 0; i < source.length; i++) {
      // NFKD takes ligatures and accents apart; what is no letter then falls out.
      for (const part of (source[i] ?? "").normalize("NFKD").toLowerCase()) {
        if (!letter.test(part)) continue;
        text += part;
        item.push(index);
        at.push(i);
      }
    }
  });
  return { text, item, at };
}
