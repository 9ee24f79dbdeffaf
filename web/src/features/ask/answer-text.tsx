import { useMemo, type ReactNode } from "react";
import { passageLink } from "@/api/links";
import type { Citation } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { placeText } from "@/lib/place";
import { Link } from "@/lib/router";
import { classes } from "@/ui/classes";
import { parseMarkdown, type Block, type Inline } from "./markdown";
import styles from "./answer-text.module.css";

interface AnswerTextProps {
  readonly text: string;
  readonly citations: readonly Citation[];
  /** The text is made of passages, one a line, and set like them. */
  readonly quoted?: boolean;
}

/** An answer's text. Its [n] become links to the passages that support it. */
export function AnswerText({ text, citations, quoted = false }: AnswerTextProps) {
  const blocks = useMemo(() => parseMarkdown(quoted ? text.replace(/\n+/g, "\n\n") : text), [text, quoted]);
  const byNumber = useMemo(() => new Map(citations.map((citation) => [citation.number, citation])), [citations]);

  const inline = (parts: readonly Inline[]): ReactNode =>
    parts.map((part, i) => {
      switch (part.type) {
        case "text":
          // A citation stays on the line of what it supports.
          return parts[i + 1]?.type === "citation" ? part.text.replace(/ +$/, "\u00a0") : part.text;
        case "code":
          return <code key={i}>{part.text}</code>;
        case "strong":
          return <strong key={i}>{inline(part.children)}</strong>;
        case "em":
          return <em key={i}>{inline(part.children)}</em>;
        case "citation": {
          const citation = byNumber.get(part.number);
          return citation ? <Chip key={i} citation={citation} /> : `[${String(part.number)}]`;
        }
      }
    });

  const block = (item: Block, i: number): ReactNode => {
    switch (item.type) {
      case "code":
        return (
          <pre key={i}>
            <code>{item.text}</code>
          </pre>
        );
      case "heading":
        return <h3 key={i}>{inline(item.children)}</h3>;
      case "list": {
        const items = item.items.map((children, j) => <li key={j}>{inline(children)}</li>);
        return item.ordered ? (
          <ol key={i} start={item.start}>
            {items}
          </ol>
        ) : (
          <ul key={i}>{items}</ul>
        );
      }
      case "paragraph":
        return <p key={i}>{inline(item.children)}</p>;
    }
  };

  return <div className={classes(styles.text, quoted && styles.quoted)}>{blocks.map(block)}</div>;
}

function Chip({ citation }: { readonly citation: Citation }) {
  const { t } = useI18n();
  const { chunk_id: chunkId, source_id: sourceId, text, place, heading, number } = citation;
  const ref = { sourceId, chunkId, text, place, ...(heading !== undefined && { heading }) };
  const where = [citation.source_title, placeText(t, citation.source_kind, place)].filter(Boolean).join(", ");
  return (
    <Link
      href={passageLink(ref)}
      state={{ passage: ref }}
      className={styles.chip}
      title={where}
      aria-label={t("sources.open", { number, where })}
    >
      {number}
    </Link>
  );
}
