import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { useI18n } from "@/lib/i18n/i18n";
import { navigate, useLocation } from "@/lib/router";
import { IconButton } from "@/ui/button";
import { classes } from "@/ui/classes";
import { Dialog } from "@/ui/dialog";
import { DownIcon, ListIcon, PlusIcon, SpeakerIcon } from "@/ui/icons";
import { announce } from "@/ui/live";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";
import { tablet } from "@/lib/storage";
import { asker } from "./chat";
import { ChooseTutor, useTutors } from "./choose-tutor";
import { Composer } from "./composer";
import { ConversationList } from "./conversation-list";
import { plainText } from "./markdown";
import { always, hush, Reading, setAlways } from "./speaker";
import { useObservable } from "@/lib/observable";
import { adoptDraft } from "./draft";
import { isLive, type Turn } from "./turn";
import { TurnView } from "./turn-view";
import { useFollowBottom } from "./use-follow-bottom";
import { useThread } from "./use-thread";
import { Welcome } from "./welcome";
import styles from "./ask-screen.module.css";

interface AskScreenProps {
  /** The tutor in person, beside the conversation. Without one, the conversation has the room. */
  readonly tutor?: ReactNode;
}

const tutorKey = "bwenge.tutor";

const address = (conversation: string) => `/?conversation=${encodeURIComponent(conversation)}`;

export function AskScreen({ tutor }: AskScreenProps) {
  const { t } = useI18n();
  const conversation = useLocation().query.get("conversation") ?? undefined;
  const { turns, loading, missing, begin } = useThread(conversation);
  const [listOpen, setListOpen] = useState(false);
  const tutors = useTutors();
  const [chosen, setChosen] = useState(tablet.get(tutorKey) ?? "");
  const persona = tutors.find(({ id }) => id === chosen);
  const aloud = useObservable(always);
  const live = turns.find(isLive);
  const last = turns[turns.length - 1];

  // A conversation gets its address once the box has stored its first question.
  useEffect(() => {
    if (conversation === undefined && last?.conversation !== undefined) {
      adoptDraft(last.conversation);
      navigate(address(last.conversation), { replace: true });
      begin(null);
    }
  }, [conversation, last?.conversation, begin]);

  useAnnouncements(last);
  useReadAloud(last, aloud, persona?.id ?? "");

  const startNew = useCallback(() => {
    begin(null);
    setListOpen(false);
    navigate("/");
  }, [begin]);

  const ask = (question: string) => {
    begin(asker.ask(question, conversation, persona?.id));
  };
  const again = (turn: Turn) => {
    begin(asker.again(turn));
  };

  const list = (
    <ConversationList
      current={conversation}
      version={`${conversation ?? ""} ${last?.request ?? ""} ${last?.phase ?? ""}`}
      onNew={startNew}
      onOpen={() => {
        setListOpen(false);
      }}
    />
  );

  return (
    <div className={classes(styles.screen, tutor !== undefined && styles.withTutor)}>
      <PageTitle className="visually-hidden">{t("nav.ask")}</PageTitle>
      <aside className={styles.list} aria-label={t("conversations.title")}>
        {list}
      </aside>
      <section className={styles.chat} aria-label={t("ask.conversation")}>
        <div className={styles.tools}>
          <IconButton
            className={styles.narrow}
            icon={<ListIcon />}
            label={t("conversations.title")}
            onClick={() => {
              setListOpen(true);
            }}
          />
          <div className={styles.who}>
            <ChooseTutor
              tutors={tutors}
              chosen={chosen}
              onChoose={(id) => {
                tablet.set(tutorKey, id === "" ? null : id);
                setChosen(id);
              }}
            />
          </div>
          <span className={styles.topic}>{turns[0]?.question}</span>
          <IconButton
            className={styles.aloud}
            icon={<SpeakerIcon />}
            label={t("ask.always_aloud")}
            aria-pressed={aloud}
            onClick={() => {
              setAlways(!aloud);
            }}
          />
          <IconButton className={styles.narrow} icon={<PlusIcon />} label={t("conversations.new")} onClick={startNew} />
        </div>
        <Thread
          turns={turns}
          onAgain={live ? undefined : again}
          onAsk={live ? undefined : ask}
          persona={persona?.id ?? ""}
        >
          {loading && turns.length === 0 && <Spinner label={t("state.loading")} />}
          {missing && turns.length === 0 && <p className={styles.missing}>{t("conversations.gone")}</p>}
          {!loading && !missing && turns.length === 0 && <Welcome persona={persona} onAsk={ask} />}
        </Thread>
        <Composer
          conversation={conversation}
          onAsk={ask}
          onStop={
            live &&
            (() => {
              asker.stop(live.request);
            })
          }
        />
      </section>
      {tutor !== undefined && <div className={styles.tutor}>{tutor}</div>}
      {listOpen && (
        <Dialog
          sheet
          title={t("conversations.title")}
          onClose={() => {
            setListOpen(false);
          }}
        >
          {list}
        </Dialog>
      )}
    </div>
  );
}

interface ThreadProps {
  readonly turns: readonly Turn[];
  readonly onAgain: ((turn: Turn) => void) | undefined;
  readonly onAsk: ((question: string) => void) | undefined;
  readonly persona: string;
  readonly children: ReactNode;
}

function Thread({ turns, onAgain, onAsk, persona, children }: ThreadProps) {
  const { t } = useI18n();
  const { scroller, away, toBottom } = useFollowBottom(turns);
  return (
    <div className={styles.thread}>
      <div ref={scroller} className={styles.scroller}>
        <div className={styles.turns}>
          {children}
          {turns.map((turn, i) => (
            <TurnView
              key={turn.request}
              turn={turn}
              onAsk={onAsk}
              onTry={i === turns.length - 1 ? onAsk : undefined}
              persona={persona}
              onAgain={
                onAgain &&
                (() => {
                  onAgain(turn);
                })
              }
            />
          ))}
        </div>
      </div>
      {away && turns.length > 0 && (
        <IconButton
          look="plain"
          className={styles.down}
          icon={<DownIcon />}
          label={t("ask.to_newest")}
          onClick={toBottom}
        />
      )}
    </div>
  );
}

/** Reads the answer that is coming aloud, sentence by sentence, if that is wanted. */
function useReadAloud(turn: Turn | undefined, wanted: boolean, persona: string): void {
  const { language } = useI18n();
  const reading = useRef<Reading | null>(null);
  const asked = useRef<string | null>(null);
  useEffect(() => hush, []);
  useEffect(() => {
    if (!turn || !wanted) return;
    if (isLive(turn)) asked.current = turn.request;
    // A short answer may be whole before a word of it was seen; an old one is not read.
    if (asked.current === turn.request && turn.text !== "" && reading.current?.id !== turn.request) {
      reading.current = new Reading(turn.request, persona);
    }
    if (reading.current?.id !== turn.request) return;
    reading.current.feed(turn.text, turn.answer?.language ?? language, turn.phase === "done");
  }, [turn, wanted, persona, language]);
}

/** Tells a screen reader what the eye sees come: the sources, then the whole answer, never single words. */
function useAnnouncements(turn: Turn | undefined): void {
  const { t } = useI18n();
  const found = turn?.phase === "reading" ? turn.passages?.length : undefined;
  const wasLive = useRef<string | null>(null);

  useEffect(() => {
    if (found !== undefined && found > 0) announce(t("sources.found", { count: found }));
  }, [found, t]);

  useEffect(() => {
    if (!turn) return;
    if (isLive(turn)) {
      wasLive.current = turn.request;
    } else if (wasLive.current === turn.request) {
      wasLive.current = null;
      if (turn.phase === "done") announce(`${t("answer.ready")} ${plainText(turn.text)}`);
      if (turn.phase === "stopped") announce(t("ask.stopped"));
    }
  }, [turn, t]);
}
