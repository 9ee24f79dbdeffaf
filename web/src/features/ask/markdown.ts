/**
 * The little Markdown that answers are written in, read into plain data.
 * Whatever it does not know stays text: nothing here can become HTML.
 */
export type Inline =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "strong" | "em"; readonly children: readonly Inline[] }
  | { readonly type: "code"; readonly text: string }
  | { readonly type: "citation"; readonly number: number };

export type Block =
  | { readonly type: "paragraph" | "heading"; readonly children: readonly Inline[] }
  | {
      readonly type: "list";
      readonly ordered: boolean;
      readonly start: number;
      readonly items: readonly (readonly Inline[])[];
    }
  | { readonly type: "code"; readonly text: string };

const fence = /^\s*(```|~~~)/;
const heading = /^#{1,6}\s+(.*?)\s*#*$/;
const bullet = /^\s*[-*•]\s+(.*)$/;
const numbered = /^\s*(\d{1,3})[.)]\s+(.*)$/;

export function parseMarkdown(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  let paragraph: string[] = [];
  const endParagraph = () => {
    if (paragraph.length > 0) blocks.push({ type: "paragraph", children: parseInline(paragraph.join("\n")) });
    paragraph = [];
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const open = fence.exec(line);
    if (open) {
      endParagraph();
      const code: string[] = [];
      // A fence that is not closed yet is still being written.
      for (i++; i < lines.length && !(lines[i] ?? "").trim().startsWith(open[1] ?? ""); i++) code.push(lines[i] ?? "");
      blocks.push({ type: "code", text: code.join("\n") });
      continue;
    }
    if (line.trim() === "") {
      endParagraph();
      continue;
    }
    const title = heading.exec(line);
    if (title) {
      endParagraph();
      blocks.push({ type: "heading", children: parseInline(title[1] ?? "") });
      continue;
    }
    const ordered = numbered.exec(line);
    const item = ordered?.[2] ?? bullet.exec(line)?.[1];
    if (item !== undefined) {
      endParagraph();
      addItem(blocks, ordered ? Number(ordered[1]) : null, parseInline(item));
      continue;
    }
    paragraph.push(line);
  }
  endParagraph();
  return blocks;
}

/** Adds an item to the list that it goes on, or begins one. */
function addItem(blocks: Block[], number: number | null, item: readonly Inline[]): void {
  const last = blocks[blocks.length - 1];
  const ordered = number !== null;
  if (last?.type === "list" && last.ordered === ordered) {
    blocks[blocks.length - 1] = { ...last, items: [...last.items, item] };
    return;
  }
  blocks.push({ type: "list", ordered, start: number ?? 1, items: [item] });
}

const inline = /`([^`\n]+)`|\[(\d{1,2})\]|\*\*(?=\S)([\s\S]*?\S)\*\*|(?<![\w*])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\w*])/g;

function parseInline(text: string): Inline[] {
  const parts: Inline[] = [];
  let from = 0;
  const addText = (until: number) => {
    if (until > from) parts.push({ type: "text", text: text.slice(from, until) });
  };
  for (const match of text.matchAll(inline)) {
    const [whole, code, citation, strong, em] = match;
    addText(match.index);
    from = match.index + whole.length;
    if (code !== undefined) parts.push({ type: "code", text: code });
    else if (citation !== undefined) parts.push({ type: "citation", number: Number(citation) });
    else if (strong !== undefined) parts.push({ type: "strong", children: parseInline(strong) });
    else if (em !== undefined) parts.push({ type: "em", children: parseInline(em) });
  }
  addText(text.length);
  return parts;
}

/** The text without its marks, for reading aloud. */
export function plainText(text: string): string {
  const inlineText = (parts: readonly Inline[]): string =>
    parts
      .map((part) => {
        if (part.type === "text" || part.type === "code") return part.text;
        return part.type === "citation" ? "" : inlineText(part.children);
      })
      .join("");
  return parseMarkdown(text)
    .map((block) => {
      if (block.type === "code") return block.text;
      if (block.type === "list") return block.items.map(inlineText).join(". ");
      return inlineText(block.children);
    })
    .join("\n")
    .replace(/ +([.,;:!?])/g, "$1")
    .replace(/ {2,}/g, " ");
}
