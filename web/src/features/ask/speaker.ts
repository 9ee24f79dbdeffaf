import { speak } from "@/api/tutors";
import { Observable } from "@/lib/observable";
import { tablet } from "@/lib/storage";

const alwaysKey = "bwenge.aloud";

/** What is being read aloud: the question's id, or null. */
export const speaking = new Observable<string | null>(null);
/** Whether every answer is read aloud. */
export const always = new Observable<boolean>(tablet.get(alwaysKey) === "yes");

export function setAlways(on: boolean): void {
  tablet.set(alwaysKey, on ? "yes" : null);
  always.set(on);
  if (!on) hush();
}

/** Cuts what has come of a text into whole sentences, and says how far that goes. */
export function wholeSentences(text: string, from: number, ended: boolean): { sentences: string[]; to: number } {
  const sentences: string[] = [];
  let to = from;
  const end = /[.!?…]["”')\]]*(?:\s*\[\d{1,2}\])*(?=\s|$)|\n/g;
  end.lastIndex = from;
  for (let match = end.exec(text); match; match = end.exec(text)) {
    const stop = match.index + match[0].length;
    // At the very end of a text that still grows, more may belong to it.
    if (stop === text.length && !ended) break;
    const sentence = text.slice(to, stop).trim();
    if (sentence !== "") sentences.push(sentence);
    to = stop;
  }
  if (ended && to < text.length) {
    const rest = text.slice(to).trim();
    if (rest !== "") sentences.push(rest);
    to = text.length;
  }
  return { sentences, to };
}

let current: { stop: boolean; audio: HTMLAudioElement | null } = { stop: true, audio: null };

/** Stops reading. */
export function hush(): void {
  current.stop = true;
  current.audio?.pause();
  speaking.set(null);
}

/** Reads sentences aloud, one after the other, while more may come. */
export class Reading {
  private readonly queue: Promise<Blob | null>[] = [];
  private readonly mine: typeof current;
  private readonly request: string;
  private readonly persona: string;
  private done = 0;
  private text = "";
  private ended = false;
  private playing = false;
  private heard = false;
  private readonly onSilent: () => void;

  /** onSilent is called where nothing of it could be said. */
  constructor(request: string, persona: string, onSilent: () => void = () => undefined) {
    hush();
    this.request = request;
    this.persona = persona;
    this.onSilent = onSilent;
    this.mine = { stop: false, audio: null };
    current = this.mine;
    speaking.set(request);
  }

  /** The text so far. */
  feed(text: string, language: string, ended: boolean): void {
    if (this.mine.stop) return;
    // Another text than the one that was begun: what was said cannot be unsaid.
    if (!text.startsWith(this.text.slice(0, this.done))) this.done = Math.min(this.done, text.length);
    this.text = text;
    this.ended = ended;
    const { sentences, to } = wholeSentences(text, this.done, ended);
    this.done = to;
    for (const sentence of sentences) {
      this.queue.push(
        speak(sentence, language, this.persona).then(
          ({ audio }) => new Blob([Uint8Array.from(atob(audio), (c) => c.charCodeAt(0))], { type: "audio/wav" }),
          () => null, // no voice for the language, or nothing to say: it is there to be read
        ),
      );
    }
    void this.play();
  }

  private async play(): Promise<void> {
    if (this.playing) return;
    this.playing = true;
    for (let next = this.queue.shift(); next; next = this.queue.shift()) {
      const sound = await next;
      if (this.stopped()) return;
      if (sound) {
        this.heard = true;
        await this.say(sound);
      }
      if (this.stopped()) return;
    }
    this.playing = false;
    if (!this.ended) return;
    speaking.set(null);
    if (!this.heard) this.onSilent();
  }

  private stopped(): boolean {
    return this.mine.stop;
  }

  private say(sound: Blob): Promise<void> {
    const url = URL.createObjectURL(sound);
    const audio = new Audio(url);
    this.mine.audio = audio;
    return new Promise((resolve) => {
      const over = () => {
        URL.revokeObjectURL(url);
        resolve();
      };
      audio.onended = over;
      audio.onerror = over;
      audio.onpause = over;
      audio.play().catch(over); // the browser wants a touch first
    });
  }

  get id(): string {
    return this.request;
  }
}
