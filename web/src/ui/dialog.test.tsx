import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";
import { ConfirmDialog } from "./confirm-dialog";
import { Dialog } from "./dialog";

function Page() {
  const [open, setOpen] = useState<"first" | "second" | null>(null);
  const close = () => {
    setOpen(null);
  };
  return (
    <>
      <button
        onClick={() => {
          setOpen("first");
        }}
      >
        open
      </button>
      {open === "first" && (
        <Dialog title="first" onClose={close}>
          <button
            onClick={() => {
              setOpen("second");
            }}
          >
            on
          </button>
        </Dialog>
      )}
      {open === "second" && (
        <ConfirmDialog title="second" confirm="yes" onConfirm={close} onClose={close}>
          sure?
        </ConfirmDialog>
      )}
    </>
  );
}

it("gives the focus back to where it came from, also after a second dialog", async () => {
  render(<Page />);
  const opener = screen.getByRole("button", { name: "open" });
  await userEvent.click(opener);
  await userEvent.click(screen.getByRole("button", { name: "Close" }));
  expect(opener).toHaveFocus();
  await userEvent.click(opener);
  await userEvent.click(screen.getByRole("button", { name: "on" }));
  await userEvent.click(screen.getByRole("button", { name: "yes" }));
  expect(opener).toHaveFocus();
});
