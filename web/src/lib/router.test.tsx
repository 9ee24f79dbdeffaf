import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { goBack, Link, navigate, useLocation } from "./router";

function Where() {
  const { path, query, state } = useLocation();
  return (
    <>
      <p>{`${path} ${query.get("page") ?? "-"} ${JSON.stringify(state)}`}</p>
      <Link href="/material/s?page=3" state={{ passage: "p" }}>
        in the app
      </Link>
      <Link href="/material" target="_blank">
        elsewhere
      </Link>
    </>
  );
}

const at = (text: string) =>
  waitFor(() => {
    expect(screen.getByText(text)).toBeVisible();
  });

beforeEach(() => {
  navigate("/", { replace: true });
});

describe("the router", () => {
  it("follows links within the app, with what they hand over", async () => {
    render(<Where />);
    await userEvent.click(screen.getByText("in the app"));
    await at('/material/s 3 {"passage":"p"}');
  });

  it("leaves a new tab to the browser", async () => {
    render(<Where />);
    await userEvent.click(screen.getByText("elsewhere"));
    await at("/ - null");
  });

  it("goes back to where one came from", async () => {
    render(<Where />);
    act(() => {
      navigate("/material/a");
    });
    act(() => {
      navigate("/material/a?page=2", { replace: true });
    });
    act(() => {
      goBack("/material");
    });
    await at("/ - null");
  });

  it("goes to the fallback where nobody came from anywhere", async () => {
    render(<Where />);
    act(() => {
      goBack("/material");
    });
    await at("/material - null");
  });
});
