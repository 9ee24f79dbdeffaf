import { passageLink, type PassageRef } from "@/api/links";
import type { Citation, Gloss, Passage } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { placeText } from "@/lib/place";
import { Link } from "@/lib/router";
import { classes } from "@/ui/classes";
import { KindIcon } from "@/ui/kind-icon";
import type { Turn } from "./turn";
import styles from "./source-cards.module.css";

interface SourceCard {
  readonly ref: PassageRef;
  readonly title: string;
  readonly kind: string;
  readonly language?: string | undefined;
  /** The [n] of the answer, once the box has attached it. */
  readonly number?: number;
  /** What words of the passage mean, for whoever has asked in another language. */
  readonly words: readonly Gloss[];
}

function fromCitation(citation: Citation): SourceCard {
  const { chunk_id: chunkId, source_id: sourceId, source_title: title, source_kind: kind, number } = citation;
  const { text, place, heading, language, words = [] } = citation;
  return {
    ref: { sourceId, chunkId, text, place, ...(heading !== undefined && { heading }) },
    title,
    kind,
    number,
    language,
    words,
  };
}

function fromPassage(passage: Passage, citation: Citation | undefined): SourceCard {
  const {
    id: chunkId,
    source_id: sourceId,
    source_title: title,
    source_kind: kind,
    text,
    place,
    heading,
    language,
  } = passage;
  return {
    ref: { sourceId, chunkId, text, place, ...(heading !== undefined && { heading }) },
    title,
    kind,
    language,
    ...(citation && { number: citation.number }),
    words: citation?.words ?? [],
  };
}

/**
 * The cards of a turn: what was found, in its order, with the numbers of the
 * answer once it has some. A stored answer has only what it cites.
 */
export function cardsOf({ passages, answer }: Turn): SourceCard[] {
  const citations = answer?.citations ?? [];
  if (!passages) return citations.map(fromCitation);
  const cited = new Map(citations.map((citation) => [citation.chunk_id, citation]));
  const found = passages.map((passage) => fromPassage(passage, cited.get(passage.id)));
  const known = new Set(passages.map((passage) => passage.id));
  return [...found, ...citations.filter((citation) => !known.has(citation.chunk_id)).map(fromCitation)];
}

export function SourceCards({ turn }: { readonly turn: Turn }) {
  const { t } = useI18n();
  const cards = cardsOf(turn);
  if (cards.length === 0) return null;
  return (
    <section aria-label={t("sources.title")}>
      <h2 className={styles.title}>{t("sources.title")}</h2>
      <ol className={styles.cards}>
        {cards.map((card) => (
          <li key={card.ref.chunkId}>
            <Card card={card} />
            <Words card={card} language={turn.answer?.language} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Card({ card }: { readonly card: SourceCard }) {
  const { t } = useI18n();
  const place = placeText(t, card.kind, card.ref.place);
  return (
    <Link
      href={passageLink(card.ref)}
      state={{ passage: card.ref }}
      className={classes(styles.card, card.number !== undefined && styles.cited)}
    >
      <span className={styles.head}>
        {card.number !== undefined && (
          <span className={styles.number}>
            <span className="visually-hidden">{t("sources.number")} </span>
            {card.number}
          </span>
        )}
        <KindIcon kind={card.kind} size={20} />
        <span className={styles.source}>{card.title}</span>
        {place && <span className={styles.place}>{place}</span>}
      </span>
      <span className={styles.snippet} lang={card.language}>
        {card.ref.text.replace(/\s+/g, " ").slice(0, 220)}
      </span>
    </Link>
  );
}

/** What words of a passage mean that is not in the language of the question. */
function Words({ card, language }: { readonly card: SourceCard; readonly language: string | undefined }) {
  const { t } = useI18n();
  if (card.words.length === 0) return null;
  return (
    <section aria-label={t("sources.words")} className={styles.words}>
      <h3>{t("sources.words")}</h3>
      <dl>
        {card.words.map(({ word, meaning }) => (
          <div key={word}>
            <dt lang={card.language}>{word}</dt>
            <dd lang={language}>{meaning}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
