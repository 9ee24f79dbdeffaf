import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { firstThatFits, forms, useFitting } from "./use-fitting";

it("takes the roomiest form that fits, and the smallest where none does", () => {
  expect(firstThatFits(() => true)).toBe("row");
  for (const form of forms) expect(firstThatFits((tried) => forms.indexOf(tried) >= forms.indexOf(form))).toBe(form);
  expect(firstThatFits(() => false)).toBe("stack");
});

/** A bar whose word needs a width that depends on its form. */
function Bar({ word, room }: { readonly word: string; readonly room: number }) {
  const ref = useFitting();
  return (
    <div ref={ref} data-testid="bar">
      <span
        data-fits
        ref={(element) => {
          if (!element) return;
          const letter = { row: 20, tight: 16, tabs: 10, stack: 5 };
          const width = () =>
            word.length * letter[(element.parentElement?.dataset.form ?? "row") as keyof typeof letter];
          Object.defineProperty(element, "scrollWidth", { configurable: true, get: width });
          Object.defineProperty(element, "clientWidth", { configurable: true, get: () => room });
        }}
      >
        {word}
      </span>
    </div>
  );
}

it("measures anew when the words change", () => {
  const { rerender } = render(<Bar word="Ask" room={60} />);
  const bar = screen.getByTestId("bar");
  expect(bar.dataset).toMatchObject({ form: "row", place: "top" });
  rerender(<Bar word="Uliza!" room={60} />);
  expect(bar.dataset).toMatchObject({ form: "tabs", place: "bottom" });
  rerender(<Bar word="Imfashanyigisho" room={60} />);
  expect(bar.dataset.form).toBe("stack");
  rerender(<Bar word="Ask" room={50} />);
  expect(bar.dataset.form).toBe("tight");
});
