import { isAbort, problemOf } from "@/api/client";
import type { Problem, Source, Uploaded } from "@/api/types";
import type { UploadOptions } from "@/api/upload";
import { newId } from "@/lib/id";
import { Observable } from "@/lib/observable";

export type UploadPhase = "waiting" | "sending" | "storing" | "added" | "existed" | "failed";

/** A file on its way to the box. A cancelled one leaves the queue. */
export interface Upload {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  readonly phase: UploadPhase;
  /** 0 to 1 */
  readonly progress: number;
  readonly source?: Source;
  readonly problem?: Problem;
  /** What was answered to the box's question about another file of this name. */
  readonly sameName?: "replace" | "keep";
}

export type Send = (file: File, options: UploadOptions) => Promise<Uploaded>;

const atOnce = 2; // more only slow each other down on a school's Wi-Fi
const linger = 4000; // ms that an added file is still listed: from then on the list of material shows it

/** Sends files a few at a time, and remembers how each one went. */
export class UploadQueue {
  readonly uploads = new Observable<readonly Upload[]>([]);

  private readonly send: Send;
  private readonly onStored: (source: Source) => void;
  private readonly files = new Map<string, File>();
  private readonly running = new Map<string, AbortController>();

  constructor(send: Send, onStored: (source: Source) => void = () => undefined) {
    this.send = send;
    this.onStored = onStored;
  }

  add(files: readonly File[]): void {
    const added = files.map((file): Upload => {
      const id = newId();
      this.files.set(id, file);
      return { id, name: file.name, bytes: file.size, phase: "waiting", progress: 0 };
    });
    this.uploads.set([...this.uploads.get(), ...added]);
    this.pump();
  }

  retry(id: string): void {
    this.replace(id, (upload) => {
      const { problem: _gone, ...rest } = upload;
      return upload.phase === "failed" ? { ...rest, phase: "waiting", progress: 0 } : upload;
    });
    this.pump();
  }

  /** Sends a file again with the answer to what the box asked about its name. */
  answer(id: string, sameName: "replace" | "keep"): void {
    this.replace(id, (upload) => ({ ...upload, sameName }));
    this.retry(id);
  }

  /** Takes a file out of the queue; one that is being sent is stopped. */
  remove(id: string): void {
    this.running.get(id)?.abort();
    this.files.delete(id);
    this.uploads.set(this.uploads.get().filter((upload) => upload.id !== id));
  }

  clearFinished(): void {
    for (const { id, phase } of this.uploads.get()) if (phase === "added" || phase === "existed") this.remove(id);
  }

  get busy(): boolean {
    return this.uploads.get().some(isUnderWay);
  }

  private replace(id: string, change: (upload: Upload) => Upload): void {
    this.uploads.set(this.uploads.get().map((upload) => (upload.id === id ? change(upload) : upload)));
  }

  private pump(): void {
    for (const { id, phase } of this.uploads.get()) {
      if (this.running.size >= atOnce) return;
      const file = this.files.get(id);
      if (phase === "waiting" && file) void this.run(id, file);
    }
  }

  private async run(id: string, file: File): Promise<void> {
    const abort = new AbortController();
    this.running.set(id, abort);
    const sameName = this.uploads.get().find((upload) => upload.id === id)?.sameName;
    this.replace(id, (upload) => ({ ...upload, phase: "sending" }));
    try {
      const { source, existed } = await this.send(file, {
        signal: abort.signal,
        ...(sameName && { sameName }),
        onProgress: (sent, total) => {
          const progress = total > 0 ? sent / total : 0;
          // All bytes have left; the box still writes them safely to its disk.
          this.replace(id, (upload) => ({ ...upload, progress, phase: progress >= 1 ? "storing" : "sending" }));
        },
      });
      this.files.delete(id);
      this.replace(id, (upload) => ({ ...upload, progress: 1, phase: existed ? "existed" : "added", source }));
      this.onStored(source);
      if (!existed) {
        setTimeout(() => {
          this.remove(id);
        }, linger);
      }
    } catch (error) {
      if (!isAbort(error)) this.replace(id, (upload) => ({ ...upload, phase: "failed", problem: problemOf(error) }));
    } finally {
      this.running.delete(id);
      this.pump();
    }
  }
}

export function isUnderWay({ phase }: Upload): boolean {
  return phase === "waiting" || phase === "sending" || phase === "storing";
}
