import { useEffect, useRef, useState, type ChangeEvent } from "react";
import { problemOf } from "@/api/client";
import { transcribe } from "@/api/tutors";
import { problemText } from "@/lib/i18n/problem";
import { useI18n } from "@/lib/i18n/i18n";
import { buttonClass, IconButton } from "@/ui/button";
import { classes } from "@/ui/classes";
import { MicrophoneIcon, StopIcon } from "@/ui/icons";
import { announce, toast } from "@/ui/live";
import { Spinner } from "@/ui/spinner";
import styles from "./microphone.module.css";

const longest = 59_000; // ms; the box hears a minute

interface MicrophoneProps {
  readonly className?: string | undefined;
  readonly onHeard: (question: string) => void;
}

type State = "idle" | "hearing" | "writing";

/**
 * A question by voice. Browsers give pages the microphone only over a secure
 * address; without it the tablet's own recorder is opened instead.
 */
export function Microphone({ className, onHeard }: MicrophoneProps) {
  const { t, language, problems } = useI18n();
  const [state, setState] = useState<State>("idle");
  const recorder = useRef<MediaRecorder | null>(null);
  const gone = useRef(false);
  useEffect(
    () => () => {
      gone.current = true;
      recorder.current?.stop();
    },
    [],
  );

  const hear = async (recording: Blob) => {
    setState("writing");
    announce(t("ask.writing_down"));
    try {
      const heard = await transcribe(recording, "");
      onHeard(heard.text);
    } catch (error) {
      const { message, hint } = problemText(language, problems, problemOf(error));
      toast(`${message} ${hint ?? ""}`);
    } finally {
      setState("idle");
    }
  };

  const start = async () => {
    if (language === "rw") toast(t("ask.no_kinyarwanda"));
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      toast(t("ask.no_microphone"));
      return;
    }
    const parts: Blob[] = [];
    const made = new MediaRecorder(stream);
    recorder.current = made;
    made.ondataavailable = (event) => {
      parts.push(event.data);
    };
    const timer = setTimeout(() => {
      made.stop();
    }, longest);
    made.onstop = () => {
      clearTimeout(timer);
      for (const track of stream.getTracks()) track.stop();
      recorder.current = null;
      if (!gone.current)
        void hear(new Blob(parts, { type: (made.mimeType || "audio/webm").split(";")[0] ?? "audio/webm" }));
    };
    made.start();
    setState("hearing");
    announce(t("ask.hearing"));
  };

  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = "";
    if (file) void hear(file);
  };

  if (state === "writing") {
    return (
      <span className={className}>
        <Spinner label={t("ask.writing_down")} />
      </span>
    );
  }
  if (state === "hearing") {
    return (
      <IconButton
        look="danger"
        className={className}
        icon={<StopIcon />}
        label={t("ask.speak_stop")}
        onClick={() => {
          recorder.current?.stop();
        }}
      />
    );
  }
  // Its type says that it is always there; over plain HTTP it is not.
  if ((navigator.mediaDevices as MediaDevices | undefined) === undefined) {
    return (
      <label className={classes(buttonClass("quiet", true), className)} title={t("ask.speak")}>
        <MicrophoneIcon />
        <input
          type="file"
          accept="audio/*"
          capture
          className={styles.file}
          aria-label={t("ask.speak")}
          onChange={choose}
        />
      </label>
    );
  }
  return (
    <IconButton className={className} icon={<MicrophoneIcon />} label={t("ask.speak")} onClick={() => void start()} />
  );
}
