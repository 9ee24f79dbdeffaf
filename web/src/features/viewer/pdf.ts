import "./polyfills";
import * as pdfjs from "pdfjs-dist/legacy/build/pdf.mjs";
import type { PDFDocumentProxy, PDFPageProxy, RenderTask } from "pdfjs-dist";

// The one module that knows pdf.js. It is loaded with the first PDF that is
// opened, as it is larger than the rest of the app together.

export type PdfDocument = PDFDocumentProxy;
export type PdfPage = PDFPageProxy;

let worker: Worker | undefined;

/** Opens a PDF. Pages are fetched by byte ranges as they are looked at. */
export function openPdf(url: string): { readonly document: Promise<PdfDocument>; readonly close: () => void } {
  worker ??= new Worker(new URL("./pdf.worker.ts", import.meta.url), { type: "module" });
  pdfjs.GlobalWorkerOptions.workerPort = worker;
  const task = pdfjs.getDocument({
    url,
    disableAutoFetch: true, // a thousand-page book must not fill the tablet
    disableStream: true,
    useWasm: false, // the content security policy does not let it compile
    wasmUrl: "/pdfjs/",
    cMapUrl: "/pdfjs/cmaps/",
    standardFontDataUrl: "/pdfjs/standard_fonts/",
  });
  return { document: task.promise, close: () => void task.destroy() };
}

const mostPixels = 5_000_000; // of one canvas: cheap tablets give up beyond it

export interface DrawnPage {
  /** The texts of the page in the order of their elements. */
  readonly texts: readonly string[];
  readonly elements: readonly HTMLElement[];
}

interface Surface {
  readonly canvas: HTMLCanvasElement;
  readonly textLayer: HTMLElement;
  /** CSS pixels that the page is given. */
  readonly width: number;
}

/** Draws a page with its text laid over it. Rejects when the signal aborts it. */
export async function drawPage(
  page: PdfPage,
  { canvas, textLayer, width }: Surface,
  signal: AbortSignal,
): Promise<DrawnPage> {
  const natural = page.getViewport({ scale: 1 });
  const viewport = page.getViewport({ scale: width / natural.width });
  const area = viewport.width * viewport.height;
  const density = Math.min(window.devicePixelRatio || 1, Math.sqrt(mostPixels / area));

  const task: RenderTask = page.render({
    canvas,
    viewport,
    ...sized(canvas, viewport.width, viewport.height, density),
  });
  const text = new pdfjs.TextLayer({ textContentSource: page.streamTextContent(), container: textLayer, viewport });
  const stop = () => {
    task.cancel();
    text.cancel();
  };
  signal.addEventListener("abort", stop);
  try {
    textLayer.replaceChildren();
    textLayer.style.setProperty("--scale-factor", String(viewport.scale));
    textLayer.style.setProperty("--total-scale-factor", String(viewport.scale));
    await Promise.all([task.promise, text.render()]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return { texts: text.textContentItemsStr, elements: text.textDivs };
}

/** Gives a canvas its size on the page and in dots, and tells pdf.js the ratio. */
function sized(canvas: HTMLCanvasElement, width: number, height: number, density: number) {
  canvas.width = Math.floor(width * density);
  canvas.height = Math.floor(height * density);
  canvas.style.width = `${String(Math.floor(width))}px`;
  canvas.style.height = `${String(Math.floor(height))}px`;
  return density === 1 ? {} : { transform: [density, 0, 0, density, 0, 0] };
}

/** True for the error of a drawing that was given up on purpose. */
export function isCancelled(error: unknown): boolean {
  return error instanceof Error && (error.name === "RenderingCancelledException" || error.name === "AbortException");
}
