import { readProblem, UnreachableError } from "./client";
import { reportLost, reportReached } from "./connection";
import type { Uploaded } from "./types";

export interface UploadOptions {
  readonly onProgress: (sentBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Sends a file. XMLHttpRequest because fetch cannot tell how much has been
 * sent. Rejects with a BoxError, an UnreachableError or an AbortError.
 */
export function uploadFile(file: File, { onProgress, signal }: UploadOptions): Promise<Uploaded> {
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
    form.append("file", file);
    request.send(form);
  });
}
