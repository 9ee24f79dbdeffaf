import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { decideLeaving, goBack, leaving, Link, navigate, useLocation, useUnsaved } from "./router";

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

describe("what is unsaved", () => {
  function Editor({ changed }: { readonly changed: boolean }) {
    useUnsaved(changed);
    return <Where />;
  }

  it("is asked about before one goes on, and stays where one stays", async () => {
    const { rerender } = render(<Editor changed />);
    await userEvent.click(screen.getByText("in the app"));
    expect(leaving.get()).not.toBeNull();
    act(() => {
      decideLeaving(false);
    });
    await at("/ - null");
    await userEvent.click(screen.getByText("in the app"));
    act(() => {
      decideLeaving(true);
    });
    await at('/material/s 3 {"passage":"p"}');
    rerender(<Editor changed={false} />);
    act(() => {
      navigate("/material");
    });
    expect(leaving.get()).toBeNull();
    await at("/material - null");
  });

  it("is asked about before one goes back", async () => {
    render(<Where />);
    act(() => {
      navigate("/tutors/a");
    });
    const { unmount } = render(<Editor changed />);
    act(() => {
      goBack("/");
    });
    await waitFor(() => {
      expect(leaving.get()).not.toBeNull();
      expect(window.location.pathname).toBe("/tutors/a");
    });
    act(() => {
      decideLeaving(true);
    });
    await waitFor(() => {
      expect(window.location.pathname).toBe("/");
    });
    unmount();
  });

  it("does not hold back who deletes it", () => {
    render(<Editor changed />);
    act(() => {
      navigate("/tutors", { careless: true });
    });
    expect(leaving.get()).toBeNull();
    expect(window.location.pathname).toBe("/tutors");
  });
});
