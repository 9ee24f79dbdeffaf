import { uploadFile } from "@/api/upload";
import { Observable } from "@/lib/observable";
import type { Source } from "@/api/types";
import { UploadQueue } from "./upload-queue";

/** The last source that an upload added or found; the list shows it without waiting for the box to tell. */
export const lastStored = new Observable<Source | null>(null);

/** The one queue of this page: it goes on while another screen is open. */
export const uploads = new UploadQueue(uploadFile, (source) => {
  lastStored.set(source);
});

// Leaving the page would break what is on its way; the browser asks first.
window.addEventListener("beforeunload", (event) => {
  if (uploads.busy) event.preventDefault();
});
