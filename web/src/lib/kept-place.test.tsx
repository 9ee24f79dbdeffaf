import { act, render, screen, waitFor } from "@testing-library/react";
import { useRef } from "react";
import { expect, it } from "vitest";
import { useKeptPlace } from "./kept-place";
import { goBack, navigate, useLocation } from "./router";

function Screens() {
  const { path } = useLocation();
  const ref = useRef<HTMLElement>(null);
  useKeptPlace(ref);
  return (
    <main ref={ref}>
      <p>{path}</p>
    </main>
  );
}

it("finds a list where it was left, and begins a screen at its top", async () => {
  navigate("/material", { replace: true });
  render(<Screens />);
  const main = screen.getByRole("main");
  main.scrollTop = 640;
  main.dispatchEvent(new Event("scroll"));
  act(() => {
    navigate("/material/a-source");
  });
  expect(main.scrollTop).toBe(0);
  main.scrollTop = 90;
  main.dispatchEvent(new Event("scroll"));
  act(() => {
    goBack("/material");
  });
  await screen.findByText("/material");
  await waitFor(() => {
    expect(main.scrollTop).toBe(640);
  });
  act(() => {
    navigate("/material/a-source");
  });
  expect(main.scrollTop).toBe(0); // gone to again, and not come back to
});
