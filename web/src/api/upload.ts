import { readProblem, UnreachableError } from "./client";
import { reportLost, reportReached } from "./connection";
import type { Uploaded } from "./types";

export interface UploadOptions {
  readonly onProgress: (sentBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal;
  /** What to do with a file that has the name of another one; else the box asks. */
  readonly sameName?: "replace" | "keep";
}

const folders = new WeakMap<File, string>();

/** Notes the folder that a dropped file lay in: the browser tells it only of chosen ones. */
export function keepFolder(file: File, folder: string): void {
  folders.set(file, folder);
}

function folderOf(file: File): string {
  const path = file.webkitRelativePath;
  return folders.get(file) ?? path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/**
 * Sends a file. XMLHttpRequest because fetch cannot tell how much has been
 * sent. Rejects with a BoxError, an UnreachableError or an AbortError.
 */
export function uploadFile(file: File, { onProgress, signal, sameName }: UploadOptions): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => {
      request.abort();
    };
    const settle = (finish: () => void) => {
      signal.removeEventListener("abort", abort);
      finish();
    };
    request.open("POST", "/api/v1/knowledge/upload");
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => {
      onProgress(event.loaded, event.total);
    };
    request.onload = () => {
      reportReached();
      settle(() => {
        if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as Uploaded);
        else reject(readProblem(request.status, request.responseText));
      });
    };
    request.onerror = () => {
      reportLost();
      settle(() => {
        reject(new UnreachableError());
      });
    };
    request.onabort = () => {
      settle(() => {
        reject(new DOMException("The upload was cancelled.", "AbortError"));
      });
    };
    if (signal.aborted) {
      reject(new DOMException("The upload was cancelled.", "AbortError"));
      return;
    }
    signal.addEventListener("abort", abort);
    const form = new FormData();
    const folder = folderOf(file);
    if (folder !== "") form.append("folder", folder);
    if (sameName) form.append("same_name", sameName);
    form.append("file", file);
    request.send(form);
  });
}
