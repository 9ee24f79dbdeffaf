/**
 * Keeps the place of whoever works by keyboard or screen reader. Where the
 * element that had the focus goes (a row that was deleted, a dialog's button),
 * browsers put the focus back to the top of the page; here it goes to what is
 * left around it instead.
 */
export function keepFocus(fallback: () => HTMLElement | null): () => void {
  let path: readonly HTMLElement[] = []; // the focused element, and what it is in
  const remember = (event: FocusEvent) => {
    path = [];
    const found: HTMLElement[] = [];
    for (let one = event.target as HTMLElement | null; one && one !== document.body; one = one.parentElement) {
      found.push(one);
    }
    path = found;
  };
  const rescue = () => {
    const [lost] = path;
    if (!lost || lost.isConnected || document.activeElement !== document.body) return;
    const left = path.find((one) => one.isConnected && one.id !== "root") ?? fallback();
    path = [];
    if (!left) return;
    const reachable = left.matches("a[href], button, input, select, textarea, [tabindex]");
    if (!reachable) left.tabIndex = -1;
    left.focus({ preventScroll: true });
  };
  const observer = new MutationObserver(rescue);
  document.addEventListener("focusin", remember);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    document.removeEventListener("focusin", remember);
    observer.disconnect();
  };
}
